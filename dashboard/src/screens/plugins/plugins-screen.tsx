import './plugins.css';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { PluginInfo } from '../../api/types.ts';
import { useReloadOn } from '../../live/live-context.ts';
import { Link } from '../../routing/link.tsx';
import { navigate, withQuery } from '../../routing/router.ts';
import type { Place } from '../../routing/router.ts';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { isMeant, pluginState, tellWhereItRuns } from './plugin-words.ts';

const REFRESH_MS = 15_000;

/** The plugins that are installed, with how it stands with each. */
export function PluginsScreen({ place }: { readonly place: Place }) {
  const plugins = useResource('plugins', (signal) => api.plugins(signal), REFRESH_MS);
  useReloadOn('plugins', plugins.reload);
  const typed = place.query.get('search') ?? '';
  return (
    <>
      <PageHead
        title="Plugins"
        lead={
          <>
            What Tendril can do, and what each may do for it. More with <code>tendril plugins search</code>.
          </>
        }
      />
      <section className="panel" aria-label="Plugins">
        <Loaded resource={plugins}>
          {(items) =>
            items.length === 0 ? (
              <NoPlugin />
            ) : (
              <>
                <Search place={place} typed={typed} />
                <Found plugins={items.filter((plugin) => isMeant(plugin, typed))} typed={typed} />
              </>
            )
          }
        </Loaded>
      </section>
    </>
  );
}

function NoPlugin() {
  return (
    <Empty icon="plug" title="No plugin is installed">
      Find one with <code>tendril plugins search WORDS</code>, then <code>tendril plugins install ID</code>. It is enabled here.
    </Empty>
  );
}

function Search({ place, typed }: { readonly place: Place; readonly typed: string }) {
  return (
    <div className="plugins-bar">
      <label className="visually-hidden" htmlFor="plugin-search">
        Search in the installed plugins
      </label>
      <input
        id="plugin-search"
        className="input"
        type="search"
        placeholder="Search"
        value={typed}
        onChange={(change) => navigate(withQuery(place, 'search', change.target.value), { isReplacing: true })}
      />
    </div>
  );
}

function Found({ plugins, typed }: { readonly plugins: readonly PluginInfo[]; readonly typed: string }) {
  if (plugins.length === 0)
    return (
      <Empty icon="plug" title="No installed plugin fits">
        The registries may have one: <code>tendril plugins search {typed}</code>
      </Empty>
    );
  return (
    <div className="table-scroll">
      <table className="table table-rows-linked">
        <thead>
          <tr>
            <th scope="col">Plugin</th>
            <th scope="col">State</th>
            <th scope="col" className="wide-only">
              Runs
            </th>
            <th scope="col" className="end wide-only">
              Version
            </th>
          </tr>
        </thead>
        <tbody>
          {plugins.map((plugin) => (
            <tr key={plugin.id}>
              <td>
                <Link href={`/plugins/${encodeURIComponent(plugin.id)}`} className="row-link wrap-anywhere">
                  {plugin.title}
                </Link>
                <div className="faint mono wrap-anywhere">{plugin.id}</div>
              </td>
              <td>
                <StateChip state={pluginState(plugin)} />
              </td>
              <td className="soft wide-only">{tellWhereItRuns(plugin)}</td>
              <td className="end number wide-only">{plugin.version}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
