using System.Globalization;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Scenarios.Comparison;
using Spectre.Console;

namespace ServerlessLoki.Cli.Comparison;

/// <summary>Progress of simulations: a bar in a terminal, a line per tenth elsewhere.</summary>
internal static class ComparisonProgressView
{
    /// <summary>Runs the work and shows its progress.</summary>
    public static T Show<T>(CliConsole console, Func<IProgress<ComparisonProgress>, T> work)
    {
        if (!console.Terminal.Interactive)
        {
            var shown = 0;
            return work(new Direct(p =>
            {
                if ((int)(p.Share * 10) <= shown || p.Done == p.Runs)
                    return;
                shown = (int)(p.Share * 10);
                console.Line(string.Create(CultureInfo.InvariantCulture, $"simulated {shown * 10} %, {p.Done} of {p.Runs} runs done"));
            }));
        }

        return console.Screen.Progress().HideCompleted(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask("simulating", maxValue: 1);
                return work(new Direct(p =>
                {
                    task.Value = p.Share;
                    task.Description = Markup.Escape(p.Runs == 1 ? $"simulating {p.Label}" : $"simulating: {p.Done} of {p.Runs} runs done");
                }));
            });
    }

    /// <summary>Reports on the caller's thread; the framework's class would post to the pool and reorder.</summary>
    private sealed class Direct(Action<ComparisonProgress> report) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value) => report(value);
    }
}
