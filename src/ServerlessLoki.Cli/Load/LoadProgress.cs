using System.Globalization;
using ServerlessLoki.Cli.Output;
using Spectre.Console;

namespace ServerlessLoki.Cli.Load;

/// <summary>Progress of a load run: a bar in a terminal, a line every few seconds elsewhere.</summary>
internal static class LoadProgress
{
    /// <summary>Shows the progress until the run has ended.</summary>
    public static async Task ShowAsync(
        CliConsole console, LoadGenerator generator, IReadOnlyList<LoadPhase> phases, double sloMs, Task run)
    {
        var total = phases.Sum(p => p.Duration.TotalSeconds);
        if (console.Terminal.Interactive)
        {
            await console.Screen.Progress().HideCompleted(true)
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
                .StartAsync(async context =>
                {
                    var task = context.AddTask("load", maxValue: total);
                    while (!run.IsCompleted)
                    {
                        task.Value = Math.Min(total, generator.Elapsed.TotalSeconds);
                        task.Description = Markup.Escape(Describe(generator, phases, sloMs));
                        await Task.WhenAny(run, Task.Delay(250)).ConfigureAwait(false);
                    }
                }).ConfigureAwait(false);
            return;
        }

        while (await Task.WhenAny(run, Task.Delay(2000)).ConfigureAwait(false) != run)
            console.Line(string.Create(CultureInfo.InvariantCulture, $"{generator.Elapsed.TotalSeconds,6:F0} s  {Describe(generator, phases, sloMs)}"));
    }

    private static string Describe(LoadGenerator generator, IReadOnlyList<LoadPhase> phases, double sloMs)
    {
        var now = generator.Elapsed;
        var from = (long)(now.TotalMicroseconds - 2e6);
        var recent = generator.Recent(from);
        var start = TimeSpan.Zero;
        var phase = phases[^1];
        foreach (var candidate in phases)
        {
            phase = candidate;
            if (now < start + candidate.Duration)
                break;
            start += candidate.Duration;
        }

        var latencies = recent.Where(r => r.Completed).Select(r => r.LatencyMs).Order().ToArray();
        var p99 = Percentile.Of(latencies, 0.99) is { } ms ? $"{ms:F0} ms" : "-";
        var good = recent.Length == 0 ? 1 : (double)recent.Count(r => r.Attained(sloMs)) / recent.Length;
        return $"{phase.Name}: {phase.RateAt(now - start):F1} q/s offered, {latencies.Length / 2.0:F1} served, p99 {p99}, {good:P1} in time";
    }
}
