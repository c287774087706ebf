using System.Globalization;
using ServerlessLoki.Cli.Output;
using Spectre.Console;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Progress of an evaluation: a bar in a terminal, a line per tenth elsewhere.</summary>
internal static class EvaluationProgress
{
    /// <summary>Runs the work and shows its progress.</summary>
    /// <param name="console">Console of the command.</param>
    /// <param name="count">Number of samples.</param>
    /// <param name="work">Gets the receiver of the number of samples done.</param>
    public static T Show<T>(CliConsole console, int count, Func<IProgress<int>, T> work)
    {
        if (console.Terminal.Interactive)
        {
            return console.Screen.Progress().HideCompleted(true)
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .Start(context =>
                {
                    var task = context.AddTask("measuring", maxValue: count);
                    return work(new Direct(done => task.Value = done));
                });
        }

        var shown = 0;
        return work(new Direct(done =>
        {
            if (done * 10L / count <= shown)
                return;
            shown = (int)(done * 10L / count);
            console.Line(string.Create(CultureInfo.InvariantCulture, $"measured {done} of {count} samples"));
        }));
    }

    /// <summary>Reports on the caller's thread; the framework's class would post to the pool and reorder.</summary>
    private sealed class Direct(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
