'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const policies = data.policies.map((p, i) => ({ ...p, color: `--p${i % 10}`, dash: i < 10 ? [] : [6, 3], shown: true }));
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const charts = [];
  // A task's colour, paler for its less accurate variants.
  const shade = (task, rank, count) => {
    const [full, back] = [`--p${task % 10}`, '--back'].map(n => css(n).match(/[0-9a-f]{2}/gi).map(h => parseInt(h, 16)));
    const share = count <= 1 ? 1 : 0.3 + 0.7 * rank / (count - 1);
    return `rgb(${full.map((c, i) => Math.round(c * share + back[i] * (1 - share))).join(',')})`;
  };
  const clock = s => {
    const [h, m, rest] = [Math.floor(s / 3600), Math.floor(s / 60) % 60, Math.round(s % 60)];
    const two = n => String(n).padStart(2, '0');
    return data.seconds >= 3600 ? `${h}:${two(m)}` : `${m}:${two(rest)}`;
  };
  const number = v => v === null || v === undefined ? 'none' : Math.abs(v) >= 100 ? v.toFixed(0) : Math.abs(v) >= 10 ? v.toFixed(1) : v.toFixed(3).replace(/\.?0+$/, '');
  const points = values => values.map((y, i) => ({ x: i * data.step, y }));
  const line = (label, values, color, extra = {}) =>
    ({ label, data: points(values), borderColor: color, backgroundColor: color, borderWidth: 1.6, pointRadius: 0, pointHitRadius: 6, spanGaps: false, ...extra });

  function axes(yTitle, y = {}) {
    const grid = { color: css('--line') }, ticks = { color: css('--muted') };
    return {
      x: { type: 'linear', min: 0, max: data.seconds, grid, ticks: { ...ticks, callback: clock, stepSize: timeStep(), maxRotation: 0, autoSkip: true }, border: { display: false } },
      y: { grid, ticks, border: { display: false }, title: { display: Boolean(yTitle), text: yTitle, color: css('--muted') }, ...y, },
    };
  }

  const stacked = scales => ({ ...scales, x: { ...scales.x, stacked: true, offset: false } });

  // Whole minutes or hours, so that the axis reads like a clock.
  function timeStep() {
    return [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 86400].find(s => data.seconds / s <= 8) ?? 86400;
  }

  const tooltip = {
    mode: 'index', intersect: false,
    callbacks: { title: items => items.length ? clock(items[0].parsed.x) : '', label: item => `${item.dataset.label}: ${number(item.parsed.y)}` },
  };

  function chart(canvas, build) {
    const make = () => new Chart(canvas, { ...build(), options: { ...build().options, responsive: true, maintainAspectRatio: false, animation: false, parsing: false, normalized: true } });
    charts.push({ chart: make(), make });
  }

  // Labels and confidence bars of the trade-off; Chart.js has neither of its own.
  const marks = {
    id: 'marks',
    afterDatasetsDraw(chart) {
      const { ctx, scales: { x, y }, chartArea: area } = chart;
      ctx.save();
      ctx.beginPath();
      ctx.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
      ctx.clip();
      ctx.font = '600 12px system-ui, sans-serif';
      const taken = [];
      chart.data.datasets.forEach(set => set.data.forEach(p => {
        const [px, py] = [x.getPixelForValue(p.x), y.getPixelForValue(p.y)];
        ctx.strokeStyle = ctx.fillStyle = set.borderColor;
        ctx.lineWidth = 1;
        const bar = (x0, y0, x1, y1) => { ctx.beginPath(); ctx.moveTo(x0, y0); ctx.lineTo(x1, y1); ctx.stroke(); };
        if (p.xError) bar(x.getPixelForValue(p.x - p.xError), py, x.getPixelForValue(p.x + p.xError), py);
        if (p.yError) bar(px, y.getPixelForValue(p.y - p.yError), px, y.getPixelForValue(p.y + p.yError));
        const width = ctx.measureText(set.label).width;
        const fits = [[p._custom + 4, -4], [-p._custom - 4 - width, -4], [-width / 2, -p._custom - 6], [-width / 2, p._custom + 15]]
          .map(([dx, dy]) => ({ left: px + dx, top: py + dy - 11, right: px + dx + width, bottom: py + dy + 3 }))
          .filter(b => b.left >= area.left && b.right <= area.right && b.top >= area.top && b.bottom <= area.bottom);
        const free = fits.find(b => !taken.some(t => b.left < t.right && t.left < b.right && b.top < t.bottom && t.top < b.bottom));
        // No room: the tooltip still names it.
        if (!free) return;
        taken.push(free);
        ctx.fillText(set.label, free.left, free.bottom - 3);
      }));
      ctx.restore();
    },
  };

  // Plans that came into force, as ticks below the plot.
  const changes = {
    id: 'changes',
    afterDraw(chart) {
      const { ctx, scales: { x }, chartArea } = chart;
      ctx.save();
      ctx.strokeStyle = css('--text');
      ctx.lineWidth = 1;
      for (const t of chart.options.plugins.changes.at) {
        const px = x.getPixelForValue(t);
        ctx.beginPath(); ctx.moveTo(px, chartArea.bottom); ctx.lineTo(px, chartArea.bottom + 5); ctx.stroke();
      }
      ctx.restore();
    },
  };

  const byPolicy = (read, extra) => policies.map(p => line(p.label, read(p), css(p.color), { borderDash: p.dash, hidden: !p.shown, ...extra }));

  chart(document.getElementById('tradeoff'), () => {
    const price = Math.max(...policies.map(p => p.size));
    const sets = policies.map(p => ({
      label: p.label, borderColor: css(p.color), backgroundColor: css(p.color) + '66', borderWidth: 1.5,
      data: p.accuracy === null ? [] : [{ x: 100 * p.violation, y: p.accuracy, xError: 100 * (p.violationError ?? 0), yError: p.accuracyError ?? 0, _custom: price > 0 ? 4 + 10 * Math.sqrt(p.size / price) : 7 }],
    }));
    const scales = axes('accuracy');
    const best = Math.max(0, ...policies.filter(p => p.accuracy !== null).map(p => 100 * p.violation));
    scales.x = { ...scales.x, max: undefined, suggestedMax: best * 1.1 || 1, min: 0, grace: '4%', ticks: { color: css('--muted'), callback: v => `${number(v)} %` }, title: { display: true, text: 'queries not answered in time', color: css('--muted') } };
    scales.y = { ...scales.y, grace: '12%' };
    return {
      type: 'bubble', data: { datasets: sets }, plugins: [marks],
      options: { scales, layout: { padding: 8 }, plugins: { legend: { display: false }, tooltip: { callbacks: { label: i => `${i.dataset.label}: ${number(i.raw.x)} % not in time, accuracy ${number(i.raw.y)}, ${data.sizeTitle} ${number(policies[i.datasetIndex].size)}` } } } },
    };
  });

  const overTime = (id, sets, y) => chart(document.getElementById(id), () => ({
    type: 'line', data: { datasets: sets() }, options: { interaction: { mode: 'index', intersect: false }, scales: axes('', y), plugins: { legend: { display: false }, tooltip } },
  }));
  overTime('served', () => [line('demand', data.demand, css('--muted'), { borderDash: [4, 3] }), ...byPolicy(p => p.served)], { beginAtZero: true });
  overTime('accuracy', () => byPolicy(p => p.accuracies), { grace: '5%' });
  overTime('p99', () => [
    ...data.slos.map(s => line(`SLO ${s.name}`, data.demand.map(() => s.ms), css('--muted'), { borderDash: [4, 3] })), ...byPolicy(p => p.p99),
  ], { type: 'logarithmic', ticks: { color: css('--muted'), callback: v => [1, 2, 5].includes(Number(String(v)[0])) ? number(v) : '' } });
  overTime('servers', () => byPolicy(p => p.servers, { stepped: true }), { beginAtZero: true });

  for (const p of policies) {
    const figure = document.createElement('figure');
    figure.className = 'chart';
    const caption = document.createElement('figcaption'), count = document.createElement('span'), canvas = document.createElement('canvas');
    caption.textContent = p.label;
    count.textContent = ` ${p.changes.length} plans`;
    caption.append(count);
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `Slots by variant under ${p.label}`);
    figure.append(caption, canvas);
    document.getElementById('variants').append(figure);
    // Bars without gaps: a second is a step, and stacked areas would slope.
    chart(canvas, () => ({
      type: 'bar',
      data: {
        datasets: p.variants.map(v => {
          const color = shade(v.taskIndex, v.rank, v.count);
          return {
            label: data.severalTasks ? `${v.task}: ${v.name}` : v.name, backgroundColor: color, barPercentage: 1, categoryPercentage: 1, stack: 'slots',
            data: v.slots.map((y, i) => ({ x: (i + 0.5) * data.step, y })),
          };
        }),
      },
      plugins: [changes],
      options: {
        interaction: { mode: 'index', intersect: false },
        scales: stacked(axes('', { stacked: true, beginAtZero: true })),
        plugins: {
          changes: { at: p.changes },
          legend: { position: 'bottom', labels: { color: css('--text'), boxWidth: 10, boxHeight: 10, font: { size: 11 } } },
          tooltip: { ...tooltip, filter: item => item.parsed.y > 0 },
        },
      },
    }));
  }

  const legend = document.getElementById('legend');
  for (const p of policies) {
    const button = document.createElement('button'), swatch = document.createElement('span');
    swatch.className = 'swatch';
    swatch.style.background = `var(${p.color})`;
    button.type = 'button';
    button.setAttribute('aria-pressed', 'true');
    button.append(swatch, p.label);
    button.addEventListener('click', () => {
      p.shown = !p.shown;
      button.setAttribute('aria-pressed', String(p.shown));
      for (const id of ['served', 'accuracy', 'p99', 'servers']) {
        const shown = Chart.getChart(id);
        shown.data.datasets.forEach(set => { if (set.label === p.label) set.hidden = !p.shown; });
        shown.update('none');
      }
    });
    legend.append(button);
  }

  // Canvas colours do not follow a change of the scheme by themselves.
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts.forEach(c => { c.chart.destroy(); c.chart = c.make(); }));
  document.documentElement.dataset.charts = String(charts.length);
})();
