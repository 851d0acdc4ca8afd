export { type ConnectionOption, checkConnection, clientConfig } from './connection/client-config.js';
export { connect, connectForReplication, disconnect } from './connection/connect.js';
export { redact } from './connection/redact.js';
