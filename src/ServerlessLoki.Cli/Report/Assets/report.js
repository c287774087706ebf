'use strict';
(() => {
  const { css, text, axis, chart, follow } = plots;
  const data = JSON.parse(document.getElementById('data').textContent);
  const policies = data.policies.map((p, i) => ({ ...p, name: text(p.label), color: () => css(`--p${i % 10}`), dash: i < 10 ? 'solid' : 'dash', shown: true }));
  // A task's colour, paler for its less accurate variants.
  const shade = (task, rank, count) => {
    const [full, back] = [`--p${task % 10}`, '--back'].map(n => css(n).match(/[0-9a-f]{2}/gi).map(h => parseInt(h, 16)));
    const share = count <= 1 ? 1 : 0.3 + 0.7 * rank / (count - 1);
    return `rgb(${full.map((c, i) => Math.round(c * share + back[i] * (1 - share))).join(',')})`;
  };
  const number = v => Math.abs(v) >= 100 ? v.toFixed(0) : Math.abs(v) >= 10 ? v.toFixed(1) : v.toFixed(3).replace(/\.?0+$/, '');

  // Seconds since the start as dates, so that zooming in finds round times: 1970 began at 0:00. As text, because plotly
  // takes a number of four digits for a year.
  const time = s => new Date(s * 1000).toISOString();
  const clock = data.seconds > 86400 ? '%-jd %H:%M' : data.seconds >= 3600 ? '%-H:%M' : '%-M:%S';
  const timeAxis = more => axis({
    type: 'date', range: [0, time(data.seconds)], tickformat: clock, hoverformat: data.seconds > 86400 ? '%-jd %-H:%M:%S' : '%-H:%M:%S', ...more,
    tickformatstops: [{ dtickrange: [null, 60000], value: data.seconds >= 3600 ? '%-H:%M:%S' : '%-M:%S' }],
  });

  // The first place of a label inside the plot that no other label has; none where there is no room: hovering still names it.
  function places(points, width, height, x, y) {
    const taken = [];
    return points.map(p => {
      const [px, py, w] = [(p.x - x[0]) / (x[1] - x[0]) * width, (y[1] - p.y) / (y[1] - y[0]) * height, 7.5 * p.label.length];
      // Beside the bars of confidence, which cross in the middle.
      const tries = { 'top right': [p.radius / 2, -p.radius - 16], 'top left': [-p.radius / 2 - w, -p.radius - 16], 'bottom right': [p.radius / 2, p.radius - 2], 'bottom left': [-p.radius / 2 - w, p.radius - 2] };
      for (const [place, [dx, dy]] of Object.entries(tries)) {
        const box = { left: px + dx, right: px + dx + w, top: py + dy, bottom: py + dy + 18 };
        if (box.left < 0 || box.right > width || box.top < 0 || box.bottom > height || taken.some(t => box.left < t.right && t.left < box.right && box.top < t.bottom && t.top < box.bottom))
          continue;
        taken.push(box);
        return place;
      }
      return null;
    });
  }

  chart('tradeoff', () => {
    const price = Math.max(...policies.map(p => p.size));
    const points = policies.filter(p => p.accuracy !== null).map(p => ({
      ...p, x: 100 * p.violation, y: p.accuracy, radius: price > 0 ? 5 + 11 * Math.sqrt(p.size / price) : 8,
    }));
    const bound = data.bound ? [{ x: 100 * data.bound.violation, y: data.bound.accuracy }] : [];
    const [xs, ys] = [[...points, ...bound].map(p => p.x), [...points, ...bound].map(p => p.y)];
    const high = Math.max(0, ...xs) * 1.1 || 1, spread = Math.max(...ys) - Math.min(...ys) || 0.05;
    const x = [-0.05 * high, high], y = [Math.min(...ys) - 0.15 * spread, Math.max(...ys) + 0.15 * spread];
    const place = places(points, document.getElementById('tradeoff').clientWidth - 70, 340, x, y);
    const bar = (error, color) => ({ type: 'data', array: [error ?? 0], color, thickness: 1, width: 3 });
    return {
      hovermode: 'closest',
      xaxis: axis({ title: { text: 'queries not answered in time, %' }, range: x }), yaxis: axis({ title: { text: 'accuracy' }, range: y }),
      traces: [...bound.map(b => ({
        type: 'scatter', mode: 'markers', name: 'clairvoyant bound', x: [b.x], y: [b.y], marker: { symbol: 'star-open', size: 14, color: css('--text') },
        hovertemplate: `clairvoyant bound: ${number(b.x)} % not in time, accuracy ${number(b.y)}, ${data.sizeTitle} ${number(data.bound.size)}<extra></extra>`,
      })), ...points.map((p, i) => ({
        type: 'scatter', mode: place[i] ? 'markers+text' : 'markers', name: p.name, x: [p.x], y: [p.y], text: [p.name], textposition: place[i] ?? 'top center', textfont: { color: p.color() },
        marker: { size: 2 * p.radius, color: p.color(), opacity: 0.6, line: { color: p.color(), width: 1.5 } },
        error_x: bar(100 * p.violationError, p.color()), error_y: bar(p.accuracyError, p.color()),
        hovertemplate: `%{text}: ${number(p.x)} % not in time, accuracy ${number(p.y)}, ${data.sizeTitle} ${number(p.size)}<extra></extra>`,
      }))],
    };
  });

  // Four plots over one time axis: zooming one zooms all, and hovering reads one moment in each.
  const rows = [
    ['Demand, and answers in time, per second', p => p.served, { rangemode: 'tozero' }],
    ['Accuracy of the queries answered in time', p => p.accuracies, {}],
    ['99th percentile of the latency, ms', p => p.p99, { type: 'log', dtick: 'D2' }],
    ['Slots in use', p => p.servers, { rangemode: 'tozero' }],
  ];
  const bounds = data.bound ? [[0, data.bound.served], [1, data.bound.accuracies], [3, data.bound.servers]] : [];
  const on = row => row ? `y${row + 1}` : 'y';
  const line = (row, name, values, more) => ({
    type: 'scatter', mode: 'lines', name, x: values.map((_, i) => time(i * data.step)), y: values, yaxis: on(row), hovertemplate: '%{y:.4~g}', ...more,
  });
  const course = chart('course', () => {
    const given = { line: { color: css('--muted'), width: 1.5, dash: 'dot' } };
    const gap = 0.06, head = 0.03, height = (1 - head - gap * (rows.length - 1)) / rows.length;
    const axes = Object.fromEntries(rows.map(([, , y], row) => {
      const top = 1 - head - row * (height + gap);
      return [row ? `yaxis${row + 1}` : 'yaxis', axis({ ...y, domain: [Math.max(0, top - height), top] })];
    }));
    return {
      hovermode: 'x unified', hoversubplots: 'axis', ...axes, xaxis: timeAxis({ anchor: on(rows.length - 1) }),
      annotations: rows.map(([title], row) => ({
        text: `<b>${title}</b>`, xref: 'paper', yref: `${on(row)} domain`, x: 0, y: 1, xanchor: 'left', yanchor: 'bottom', showarrow: false, font: { size: 13 },
      })),
      traces: [
        line(0, 'demand', data.demand, given),
        ...bounds.map(([row, values]) => line(row, 'bound', values, { line: { color: css('--muted'), width: 1.2, dash: 'dash' } })),
        ...data.slos.map(s => line(2, text(`SLO ${s.name}`.trim()), data.demand.map(() => s.ms), given)),
        ...rows.flatMap(([, read], row) => policies.map(p =>
          line(row, p.name, read(p), { line: { color: p.color(), width: 1.6, dash: p.dash, shape: row === 3 ? 'hv' : 'linear' }, visible: p.shown }))),
      ],
    };
  });

  // All in place before the first is drawn: a plot takes the width that it finds.
  const variants = policies.map(p => {
    const figure = document.createElement('figure'), caption = document.createElement('figcaption'), count = document.createElement('span'), plot = document.createElement('div');
    caption.textContent = p.label;
    count.textContent = ` ${p.changes.length} plans`;
    caption.append(count);
    plot.className = 'plot';
    plot.setAttribute('role', 'img');
    plot.setAttribute('aria-label', `Slots by variant under ${p.label}`);
    figure.append(caption, plot);
    document.getElementById('variants').append(figure);
    return plot;
  });
  for (const [i, p] of policies.entries()) {
    const plot = variants[i];
    // The legend has a row for as many names as fit.
    plot.style.height = `${260 + 19 * Math.ceil(p.variants.length / Math.max(1, Math.floor(plot.clientWidth / 240)))}px`;
    chart(plot, () => ({
      hovermode: 'x unified', showlegend: true, legend: { orientation: 'h', y: -0.16, yanchor: 'top', maxheight: 1, font: { size: 11 } },
      xaxis: timeAxis(), yaxis: axis({ rangemode: 'tozero' }),
      traces: [
        ...p.variants.map(v => {
          const color = shade(v.taskIndex, v.rank, v.count);
          return {
            type: 'scatter', mode: 'lines', stackgroup: 'slots', name: text(data.severalTasks ? `${v.task}: ${v.name}` : v.name),
            // A point's value holds until the next: a step, not a slope.
            x: v.slots.map((_, i) => time(i * data.step)), y: v.slots, line: { width: 0, shape: 'hv', color }, fillcolor: color, hovertemplate: '%{y:.4~g}',
          };
        }),
        // Plans that came into force, as ticks on the axis.
        {
          type: 'scatter', mode: 'markers', name: 'plan', x: p.changes.map(time), y: p.changes.map(() => 0), showlegend: false, hoverinfo: 'skip', cliponaxis: false,
          marker: { symbol: 'line-ns-open', size: 8, color: css('--text'), line: { width: 1 } },
        },
      ],
    }));
  }

  // One stretch of time for all plots over time.
  follow([course, ...variants]);

  const legend = document.getElementById('legend');
  for (const [i, p] of policies.entries()) {
    const button = document.createElement('button'), swatch = document.createElement('span');
    swatch.className = 'swatch';
    swatch.style.background = `var(--p${i % 10})`;
    button.type = 'button';
    button.setAttribute('aria-pressed', 'true');
    button.append(swatch, p.label);
    button.addEventListener('click', () => {
      p.shown = !p.shown;
      button.setAttribute('aria-pressed', String(p.shown));
      Plotly.restyle(course, { visible: p.shown }, rows.map((_, row) => 1 + bounds.length + data.slos.length + row * policies.length + i));
    });
    legend.append(button);
  }
})();
