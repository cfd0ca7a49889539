import { createMemoryWakeServer, testWakeUps } from '../../src/wake-ups/index.ts';

testWakeUps('in memory', async () => {
  const server = createMemoryWakeServer();
  return Promise.resolve({
    connect: (roles) => server.connect(roles),
    lose: () => {
      server.lose();
    },
    restore: () => {
      server.restore();
    },
    close: async () => Promise.resolve(),
  });
});
