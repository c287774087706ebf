using System.Collections.Immutable;
using ServerlessLoki.Cli.Load;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Cli.Demo;

/// <summary>The pipeline's tasks with their variants from the least to the most accurate: the order of every legend.</summary>
/// <param name="Tasks">Task name and variant names.</param>
internal sealed record DemoModel(ImmutableArray<(string Task, ImmutableArray<string> Variants)> Tasks)
{
    /// <summary>Takes a pipeline.</summary>
    public static DemoModel Of(Pipeline pipeline) => new(
        [.. pipeline.Tasks.Select(t => (t.Name, t.Variants.OrderBy(v => v.Accuracy).Select(v => v.Name).ToImmutableArray()))]);

    /// <summary>Shares of one task's answers by variant, in the order of <see cref="Tasks"/>; all 0 without answers.</summary>
    public ImmutableArray<double> Shares(int task, ImmutableSortedDictionary<string, int> answers)
    {
        var counts = Tasks[task].Variants.Select(v => answers.GetValueOrDefault(v)).ToArray();
        double total = Math.Max(1, counts.Sum());
        return [.. counts.Select(c => c / total)];
    }

    /// <summary>One line: per task the variants and their shares, the largest first.</summary>
    public string Describe(ImmutableSortedDictionary<string, int> answers) => string.Join(
        "; ", Tasks.Select((t, i) => string.Join(", ", Shares(i, answers)
            .Select((share, v) => (share, Name: t.Variants[v])).Where(x => x.share >= 0.005).OrderByDescending(x => x.share)
            .Select(x => x.share > 0.995 ? x.Name : $"{x.Name} {LoadTables.Share(Math.Round(x.share, 2))}")))
            .Where(text => text.Length > 0));
}
