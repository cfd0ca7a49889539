// The other end of a bare round trip over Node's own IPC: no limits, no permissions, no call.
process.on('message', (message) => process.send(message));
