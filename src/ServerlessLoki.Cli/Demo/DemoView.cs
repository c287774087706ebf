using System.Globalization;
using System.Text;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Cli.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Live view of a run: redrawn in a terminal, a line every two seconds elsewhere.</summary>
/// <remarks>Drawn at most three times a second, to leave the cores to the models.</remarks>
internal sealed class DemoView(CliConsole console, DemoModel model, string policy, IReadOnlyList<LoadPhase> phases, double sloMs)
{
    private const string Blocks = " ▁▂▃▄▅▆▇█";
    private static readonly string[] Ranks = ["yellow", "darkorange", "mediumvioletred", "mediumpurple", "dodgerblue1"];
    private readonly List<DemoSecond> _seconds = [];

    /// <summary>Shows the run until it has ended.</summary>
    public async Task ShowAsync(LoadGenerator generator, Task run)
    {
        if (!console.Terminal.Interactive)
        {
            while (await Task.WhenAny(run, Task.Delay(2000)).ConfigureAwait(false) != run)
                console.Line(Line(Now(generator, 2)));
            return;
        }

        await console.Screen.Live(new Text(string.Empty)).AutoClear(false).StartAsync(async live =>
        {
            while (await Task.WhenAny(run, Task.Delay(350)).ConfigureAwait(false) != run)
            {
                Remember(generator);
                live.UpdateTarget(Picture(generator, Now(generator, 1)));
            }

            // What stays on the screen is the end, not the last frame before it.
            Remember(generator);
            live.UpdateTarget(Picture(generator, Now(generator, 1)));
        }).ConfigureAwait(false);
    }

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Known(double value, string format) =>
        double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "-";

    private static string Spark(IEnumerable<double> values, double low, double high)
    {
        var text = new StringBuilder();
        foreach (var value in values)
        {
            text.Append(!double.IsFinite(value) ? ' '
                : Blocks[Math.Clamp(1 + (int)Math.Round((value - low) / Math.Max(1e-9, high - low) * (Blocks.Length - 2)), 1, Blocks.Length - 1)]);
        }

        return text.ToString();
    }

    // A second is complete for the picture when one more has passed: what is still in flight would look unserved.
    private void Remember(LoadGenerator generator)
    {
        while (generator.Elapsed.TotalSeconds >= _seconds.Count + 2)
            _seconds.Add(Second(generator, _seconds.Count, 1));
    }

    private DemoSecond Now(LoadGenerator generator, double window) =>
        Second(generator, Math.Max(0, generator.Elapsed.TotalSeconds - window), window);

    private DemoSecond Second(LoadGenerator generator, double from, double seconds)
    {
        var records = generator.Recent((long)(from * 1e6))
            .Where(r => r.DoneUs < (from + seconds) * 1e6);
        return DemoSecond.From(from + (seconds / 2), LoadReports.Of("now", seconds, records, sloMs));
    }

    private (LoadPhase Phase, double Rate) Phase(double second)
    {
        var left = TimeSpan.FromSeconds(second);
        foreach (var phase in phases)
        {
            if (left < phase.Duration)
                return (phase, phase.RateAt(left));
            left -= phase.Duration;
        }

        return (phases[^1], phases[^1].ToQps);
    }

    private string Line(DemoSecond now)
    {
        var (phase, rate) = Phase(now.At);
        var p99 = double.IsFinite(now.P99Ms) ? Number($"{now.P99Ms:F0} ms") : "-";
        return Number($"{policy,-13} {now.At,3:F0} s {phase.Name,-11} {rate,5:F0}/s good {now.GoodputQps,4:F0}/s acc {Known(now.Accuracy, "F3")} p99 {p99,-6} ")
            + model.Brief(now.Variants);
    }

    private Rows Picture(LoadGenerator generator, DemoSecond now)
    {
        var total = phases.Sum(p => p.Duration.TotalSeconds);
        var (phase, rate) = Phase(now.At);
        var width = Math.Clamp(console.Terminal.Width - 34, 20, 70);
        var shown = _seconds.TakeLast(width).ToArray();
        var peak = phases.Max(p => Math.Max(p.FromQps, p.ToQps));
        var rows = new List<IRenderable>
        {
            new Markup(Number($"[bold]{Markup.Escape(policy)}[/]  {Markup.Escape(phase.Name)}  {Math.Min(total, generator.Elapsed.TotalSeconds):F0} of {total:F0} s  {generator.InFlight} in flight")),
            Figure("demand", Number($"{rate:F1}/s"), Spark(shown.Select(s => Phase(s.At).Rate), 0, peak), "grey"),
            Figure("goodput", Number($"{now.GoodputQps:F1}/s"), Spark(shown.Select(s => s.GoodputQps), 0, peak), "dodgerblue1"),
            Figure("accuracy", Known(now.Accuracy, "F3"), Spark(shown.Select(s => s.Accuracy), AccuracyFloor(shown), AccuracyRoof(shown)), "mediumpurple"),
            Figure("p99", Number($"{Known(now.P99Ms, "F0")}/{sloMs:F0} ms"), Spark(shown.Select(s => s.P99Ms), 0, sloMs), now.P99Ms > sloMs ? "red" : "green"),
        };
        for (var task = 0; task < model.Tasks.Length; task++)
            rows.Add(Bar(task, model.Shares(task, now.Variants), width));
        return new Rows(rows);
    }

    // A few points of accuracy are what there is to see: the scale is that of the run.
    private static double AccuracyFloor(IEnumerable<DemoSecond> seconds) =>
        Math.Floor((Accuracies(seconds).DefaultIfEmpty(0).Min() - 0.02) * 20) / 20;

    private static double AccuracyRoof(IEnumerable<DemoSecond> seconds) => Accuracies(seconds).DefaultIfEmpty(1).Max();

    private static IEnumerable<double> Accuracies(IEnumerable<DemoSecond> seconds) => seconds.Select(s => s.Accuracy).Where(double.IsFinite);

    private static Markup Figure(string name, string value, string spark, string color) =>
        new($"{name,-18}{Markup.Escape(value),14}  [{color}]{spark}[/]");

    private Markup Bar(int task, IReadOnlyList<double> shares, int width)
    {
        var (name, variants) = model.Tasks[task];
        var bar = new StringBuilder();
        double sum = 0;
        var drawn = 0;
        for (var v = 0; v < shares.Count; v++)
        {
            sum += shares[v];
            var until = (int)Math.Round(sum * width);
            var rank = Ranks[variants.Length <= 1 ? ^1 : (Index)(int)Math.Round(v * (Ranks.Length - 1.0) / (variants.Length - 1))];
            bar.Append($"[{rank}]{new string('█', until - drawn)}[/]");
            drawn = until;
        }

        var most = sum > 0 ? variants[shares.Select((s, i) => (s, i)).Max().i] : "-";
        return new Markup($"{Markup.Escape(name),-18}{Markup.Escape(DemoModel.Short(most, name)),14}  {bar}");
    }
}
