using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Tasks of the pipeline with their variants from the least to the most accurate, the order of every legend.</summary>
/// <param name="Tasks">Task name and variant names.</param>
internal sealed record DemoModel(ImmutableArray<(string Task, ImmutableArray<string> Variants)> Tasks)
{
    /// <summary>Makes the model from a pipeline.</summary>
    public static DemoModel Of(Pipeline pipeline) => new(
        [.. pipeline.Tasks.Select(t => (t.Name, t.Variants.OrderBy(v => v.Accuracy).Select(v => v.Name).ToImmutableArray()))]);

    /// <summary>Computes the shares of one task's answers by variant, in the order of <see cref="Tasks"/>; all 0 without answers.</summary>
    public ImmutableArray<double> Shares(int task, ImmutableSortedDictionary<string, int> answers)
    {
        var counts = Tasks[task].Variants.Select(v => answers.GetValueOrDefault(v)).ToArray();
        double total = Math.Max(1, counts.Sum());
        return [.. counts.Select(c => c / total)];
    }

    /// <summary>Writes a task's variants and their shares, the largest first, without the task's name: <c>x 77 %, m 23 %</c>.</summary>
    public string Describe(int task, ImmutableSortedDictionary<string, int> answers) => string.Join(", ", Used(task, answers)
        .Select(v => v.Share > 0.995 ? v.Name : string.Create(CultureInfo.InvariantCulture, $"{v.Name}\u00a0{100 * v.Share:F0}\u00a0%")));

    /// <summary>Writes all tasks in few characters: <c>x+m / l / x</c>.</summary>
    public string Brief(ImmutableSortedDictionary<string, int> answers) => string.Join(
        " / ", Tasks.Select((_, i) => string.Join('+', Used(i, answers).Select(v => v.Name)) is { Length: > 0 } names ? names : "-"));

    /// <summary>Returns a variant's name without its task's.</summary>
    public static string Short(string variant, string task) =>
        variant.StartsWith(task + "-", StringComparison.Ordinal) ? variant[(task.Length + 1)..] : variant;

    private IEnumerable<(string Name, double Share)> Used(int task, ImmutableSortedDictionary<string, int> answers) =>
        Shares(task, answers).Select((share, v) => (Name: Short(Tasks[task].Variants[v], Tasks[task].Task), Share: share))
            .Where(v => v.Share >= 0.005).OrderByDescending(v => v.Share);
}
