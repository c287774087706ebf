using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Choices of a variant for each task.</summary>
internal static class Choices
{
    /// <summary>Most choices that are measured as paths.</summary>
    public const int Most = 1000;

    /// <summary>Lists all choices for some tasks, the first variant of the others; null where there are more than <see cref="Most"/>.</summary>
    public static List<int[]>? All(Pipeline pipeline, IReadOnlySet<int> tasks)
    {
        List<int[]> choices = [new int[pipeline.Tasks.Length]];
        foreach (var task in pipeline.Tasks.Where(t => tasks.Contains(t.Index)))
        {
            choices = [.. choices.SelectMany(c => task.Variants.Select(v => With(c, task.Index, v.Index)))];
            if (choices.Count > Most)
                return null;
        }

        return choices;
    }

    /// <summary>Lists each variant of some tasks behind the variants of the others that the file states as most accurate.</summary>
    public static List<int[]> OneByOne(Pipeline pipeline, IReadOnlySet<int> tasks)
    {
        int[] best = [.. pipeline.Tasks.Select(static t => t.MostAccurate.Index)];
        return [.. pipeline.Tasks.Where(t => tasks.Contains(t.Index)).SelectMany(t => t.Variants.Select(v => With(best, t.Index, v.Index)))];
    }

    /// <summary>Tasks from which rows may come to a task, and the task itself.</summary>
    public static ImmutableArray<int> Upstream(Pipeline pipeline, int task) =>
        [.. pipeline.Tasks.Where(t => t.Index == task || pipeline.Reaches(t.Index, task)).Select(static t => t.Index)];

    /// <summary>Names the variants of some tasks.</summary>
    public static string Names(Pipeline pipeline, IEnumerable<int> tasks, int[] choice) => string.Join(" → ", tasks.Select(t => pipeline.Tasks[t].Variants[choice[t]].Name));

    private static int[] With(int[] choice, int task, int variant)
    {
        int[] other = [.. choice];
        other[task] = variant;
        return other;
    }
}
