using ServerlessLoki.Cli.Output;
using ServerlessLoki.Serving.Models.Profiling;
using Spectre.Console;

namespace ServerlessLoki.Cli.Profiling;

/// <summary>Progress of a measurement: a bar in a terminal, a line per tenth elsewhere.</summary>
internal static class ProfileProgressView
{
    /// <summary>Runs the work and shows its progress.</summary>
    public static T Show<T>(CliConsole console, Func<IProgress<ProfileProgress>, T> work)
    {
        if (!console.Terminal.Interactive)
        {
            var shown = 0;
            return work(new Direct(p =>
            {
                if (p.Done * 10 / p.Points <= shown)
                    return;
                shown = p.Done * 10 / p.Points;
                console.Line($"measured {p.Done} of {p.Points}");
            }));
        }

        return console.Screen.Progress().AutoRefresh(false).HideCompleted(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask("measuring");
                var drawn = long.MinValue;
                return work(new Direct(p =>
                {
                    // Drawn by the measuring thread between two runs, and seldom: nothing else may use the core meanwhile.
                    if (p.Done < p.Points && Environment.TickCount64 - drawn < 250)
                        return;
                    drawn = Environment.TickCount64;
                    task.MaxValue = p.Points;
                    task.Value = p.Done;
                    task.Description = Markup.Escape($"{p.Variant} × {p.Batch}");
                    context.Refresh();
                }));
            });
    }

    /// <summary>Reports on the caller's thread; the framework's class would post to the pool and reorder.</summary>
    private sealed class Direct(Action<ProfileProgress> report) : IProgress<ProfileProgress>
    {
        public void Report(ProfileProgress value) => report(value);
    }
}
