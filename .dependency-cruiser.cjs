/** Who may import whom; docs/architecture.md says the same in words. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(core|plugins|connectors|cli|dashboard|sdks|registry|templates|examples)/', pathNot: allowed },
});

const rooms = [
  'expressions',
  'tenants',
  'vault',
  'events',
  'jobs',
  'webhooks',
  'plugins',
  'analytics',
  'governor',
  'actions',
  'pipelines',
  'agents',
];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('schemas-import-nothing', '^core/schemas/src', ['^core/schemas/']),
    only('plugin-api-sees-schemas', '^core/plugin-api/src', ['^core/(schemas|plugin-api)/']),
    only('engine-sees-the-contract', '^core/engine/src', ['^core/(schemas|plugin-api|engine)/']),
    only('stores-see-the-engine', '^core/stores/src', ['^core/(schemas|plugin-api|engine|stores)/']),
    only('server-sees-the-engine', '^core/server/src', ['^core/(schemas|plugin-api|engine|server)/']),
    only('isolation-sees-the-engine', '^core/isolation/src', ['^core/(schemas|plugin-api|engine|isolation)/']),
    only('registry-sees-the-engine', '^registry/src', ['^core/(schemas|plugin-api|engine)/', '^registry/']),
    only('templates-see-the-contract', '^templates/src', ['^core/(schemas|plugin-api)/', '^templates/']),
    only('testkit-sees-the-engine', '^core/testkit/src', ['^core/(schemas|plugin-api|engine|isolation|testkit)/']),
    only('plugins-see-only-the-contract', '^(plugins|connectors)/([^/]+)/src', ['^core/(plugin-api|schemas)/', '^$1/$2/']),
    {
      name: 'plugin-api-has-no-runtime-dependency',
      severity: 'error',
      from: { path: '^core/plugin-api/src' },
      to: { dependencyTypes: ['npm', 'core'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sql-only-in-stores',
      severity: 'error',
      from: { pathNot: '^(core/(stores|testkit)|benchmarks|test)/' },
      to: { path: 'node_modules/(better-sqlite3|mysql2|knex)/' },
    },
    // A room of the engine uses only those above it, by their public face or their contract.
    ...rooms.map((room, index) => ({
      name: `room-${room}`,
      severity: 'error',
      from: { path: `^core/engine/src/${room}/` },
      to: {
        path: `^core/engine/src/(${rooms.join('|')})/`,
        pathNot: [
          `^core/engine/src/${room}/`,
          ...rooms.slice(0, index).map((above) => `^core/engine/src/${above}/(index|contract)\\.ts$`),
          ...rooms.slice(index + 1).map((below) => `^core/engine/src/${below}/contract\\.ts$`),
        ],
      },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(/dist/|/test/|dashboard/)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { conditionNames: ['tendril-source', 'import', 'require', 'node', 'default'], exportsFields: ['exports'] },
  },
};
