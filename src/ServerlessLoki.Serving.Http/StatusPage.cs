namespace ServerlessLoki.Serving.Http;

/// <summary>Self-contained page that shows <c>/status</c> and <c>/plan</c> once a second. Where the host asks for a key, the page asks for
/// it; the key stays in the session storage of its tab.</summary>
internal static class StatusPage
{
    public static ReadOnlyMemory<byte> Bytes { get; } = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>ServerlessLoki</title>
        <style>
        :root { color-scheme: light dark; --line: #8884; --dim: #888; --bad: #c33; --good: #2a7; }
        body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.3rem; margin: 0 0 .3rem } h2 { font-size: 1rem; margin: 1.6rem 0 .4rem }
        table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line) }
        th { color: var(--dim); font-weight: 500 } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
        .scroll { overflow-x: auto } .dim { color: var(--dim) } .bad { color: var(--bad) } .good { color: var(--good) }
        li { margin: .15rem 0 } form { margin: .6rem 0 } [hidden] { display: none }
        </style>
        </head>
        <body>
        <h1>ServerlessLoki</h1>
        <div id="head" role="status" aria-live="polite">Loading…</div>
        <form id="door" hidden><label>API key <input id="key" type="password" autocomplete="off" spellcheck="false"></label> <button>Show</button></form>
        <h2>Pipelines</h2><div class="scroll"><table id="pipelines"></table></div>
        <h2>Plan</h2><div class="scroll"><table id="plan"></table></div><ul id="why"></ul>
        <h2>Slots</h2><div class="scroll"><table id="slots"></table></div>
        <p class="dim">JSON: <a href="status">/status</a> · <a href="plan">/plan</a> · <a href="runs">/runs</a> · <a href="metrics">/metrics</a> · <a href="v2">/v2</a></p>
        <script>
        const $ = id => document.getElementById(id);
        const num = (v, d) => v === null || v === undefined ? '–' : v.toFixed(d);
        function table(id, heads, rows) {
          const t = $(id); t.replaceChildren();
          const line = (cells, tag) => { const r = t.insertRow(); cells.forEach((c, i) => {
            const e = document.createElement(tag); e.textContent = c;
            if (heads[i].startsWith('#')) e.className = 'n'; r.append(e); }); };
          line(heads.map(h => h.replace('#', '')), 'th'); rows.forEach(r => line(r, 'td'));
        }
        const saved = 'loki-api-key';
        let timer;
        function get(path) {
          const key = sessionStorage.getItem(saved);
          return fetch(path, key ? { headers: { 'x-api-key': key } } : {});
        }
        $('door').addEventListener('submit', e => {
          e.preventDefault();
          sessionStorage.setItem(saved, $('key').value.trim());
          $('key').value = '';
          clearTimeout(timer); tick();
        });
        async function tick() {
          try {
            const answer = await get('status');
            $('door').hidden = answer.status !== 401;
            if (answer.status === 401) {
              $('head').textContent = sessionStorage.getItem(saved) ? 'the host does not know this API key' : 'the host asks for an API key';
              $('head').className = 'bad';
              return;
            }
            const s = await answer.json();
            $('head').textContent = s.ready ? `serving · policy ${s.policy} · plan ${s.plan_version} · up ${num(s.uptime_seconds, 0)} s` + (s.last_fault ? ` · ${s.last_fault}` : '') : 'starting…';
            $('head').className = s.ready ? (s.last_fault ? 'bad' : 'good') : 'dim';
            table('pipelines', ['pipeline', '#SLO ms', '#demand/s', '#forecast/s', '#served/s', '#beyond SLO/s', '#pending', '#accuracy planned', '#measured'],
              (s.pipelines || []).map(p => [p.name, num(p.slo_ms, 0), num(p.demand_qps, 1), num(p.forecast_qps, 1), num(p.served_qps, 1), num(p.beyond_slo_qps, 1), p.pending, num(p.planned_accuracy, 3), num(p.measured_accuracy, 3)]));
            table('slots', ['slot', 'state', 'variant', '#batch', 'fault'], (s.slots || []).map(x => [x.id, x.state, x.held ? x.held.join(' or ') : x.variant || '–', x.batch, x.fault || '']));
            const a = await get('plan');
            if (a.ok) {
              const p = await a.json();
              table('plan', ['task', 'variant', 'device', '#batch', '#replicas', '#load/s', '#capacity/s'],
                p.slots.map(x => [x.task, x.held ? x.held.join(' or ') : x.variant, x.device, x.batch, x.replicas, num(x.load_qps, 1), num(x.capacity_qps, 1)]));
              $('why').replaceChildren(...p.why.map(w => { const li = document.createElement('li'); li.textContent = w; return li; }));
            }
          } catch { $('head').textContent = 'no answer from the host'; $('head').className = 'bad'; }
          timer = setTimeout(tick, 1000);
        }
        tick();
        </script>
        </body>
        </html>
        """u8.ToArray();
}
