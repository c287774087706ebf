// Runs Azurite so that a change that was answered survives SIGKILL, as it does on Azure. By itself Azurite saves once in five seconds.
//   node run.js [--end-with-input] AZURITE/dist/src/azurite.js [OPTION …]
// --end-with-input: Azurite ends in order when standard input is closed, so it never outlives the process that started it.
'use strict';
const http = require('http');

const options = process.argv.slice(2);
if (options[0] === '--end-with-input') {
  options.shift();
  process.stdin.resume();
  process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'));
}
const main = options.shift();
const Loki = require(require.resolve('lokijs', { paths: [main] }));

const databases = new Map();
const nothing = Promise.resolve();

function save(database) {
  const state = databases.get(database);
  state.next = null;
  state.running = new Promise((resolve, reject) => database.saveDatabaseInternal(error => (error ? reject(error) : resolve())))
    .finally(() => { state.running = null; });
  return state.running;
}

// Ends when all that has been changed so far is in the file. Changes that come while a save runs share the next one.
function saved(database, always) {
  const state = databases.get(database);
  if (!always && !database.autosaveDirty()) return state.running ?? nothing;
  return state.running ? (state.next ??= state.running.catch(() => {}).then(() => save(database))) : save(database);
}

// Called by the constructor.
Loki.prototype.autosaveEnable = function () {
  this.autosave = true;
  databases.set(this, { running: null, next: null });
};

const saveLoki = Loki.prototype.saveDatabase;
Loki.prototype.saveDatabase = function (callback) {
  if (!databases.has(this)) return saveLoki.call(this, callback);
  saved(this, true).then(() => callback?.(), error => callback?.(error));
};

// An answer waits for its change, and for those that it may have seen.
const end = http.ServerResponse.prototype.end;
http.ServerResponse.prototype.end = function (...parts) {
  const waits = [...databases.keys()].filter(d => databases.get(d).running || d.autosaveDirty()).map(d => saved(d, false));
  if (waits.length === 0) return end.apply(this, parts);
  Promise.all(waits).then(() => end.apply(this, parts), error => this.destroy(error));
  return this;
};

process.argv = [process.argv[0], main, ...options];
require(main);
