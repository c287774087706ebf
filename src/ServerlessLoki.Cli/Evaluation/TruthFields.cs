using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Tasks whose answers the data judge, and the field with each one's right answers.</summary>
internal static class TruthFields
{
    private const int MostNames = 20;

    /// <summary>Finds the tasks: one that a field bears the name of, else those whose classes hold all labels, or that answer texts.</summary>
    /// <exception cref="BadInputException">No task fits, or a label is none of its task's classes; lists all.</exception>
    public static ImmutableArray<(int Task, string Field)> Judged(Pipeline pipeline, LabelledData data)
    {
        var found = data.Samples.SelectMany(static s => s.Truths.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var judged = new List<(int Task, string Field)>();
        var faults = new List<string>();
        foreach (var field in found)
        {
            string[] truths = [.. data.Samples.SelectMany(s => s.Truths.GetValueOrDefault(field, [])).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            var candidates = pipeline.FindTask(field) is { } named ? [named] : pipeline.Tasks.Where(t => field == SampleFields.Answer ? IsText(t) : t.Output.Kind == TaskOutputKind.Classification).ToArray();
            if (candidates.Length == 0 && field == SampleFields.Label)
                candidates = [.. pipeline.Tasks.Where(IsText)];
            var fitting = candidates.Where(t => IsText(t) || (t.Output.Kind == TaskOutputKind.Classification && Unknown(t, truths).Length == 0)).ToArray();
            if (fitting.Length > 0)
                judged.AddRange(fitting.Select(t => (t.Index, field)));
            else
                faults.Add(Fault(pipeline, field, truths, candidates));
        }

        return faults.Count == 0 ? [.. judged.DistinctBy(static j => j.Task).OrderBy(static j => j.Task)] : throw new BadInputException(faults);
    }

    /// <summary>Returns the name of a class.</summary>
    public static string Name(PipelineTask task, int label) =>
        label >= 0 && label < task.Output.Labels.Length ? task.Output.Labels[label] : label.ToString(CultureInfo.InvariantCulture);

    /// <summary>Names the measure of a task's answers.</summary>
    public static string Metric(PipelineTask task) => task.Output.Kind switch
    {
        TaskOutputKind.Classification => "top-1",
        TaskOutputKind.Answer => "exact match",
        _ => "1 − character error rate",
    };

    private static bool IsText(PipelineTask task) => task.Output.Kind is TaskOutputKind.Text or TaskOutputKind.Answer;

    private static string[] Unknown(PipelineTask task, string[] truths) => task.Output.Labels.IsEmpty
        ? Array.FindAll(truths, static t => !int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        : Array.FindAll(truths, t => !task.Output.Labels.Contains(t, StringComparer.Ordinal));

    private static string Fault(Pipeline pipeline, string field, string[] truths, PipelineTask[] candidates)
    {
        // The task that the data come nearest to tells most.
        if (candidates.Where(static t => t.Output.Kind == TaskOutputKind.Classification).MinBy(t => Unknown(t, truths).Length) is not { } nearest)
            return $"--data: no task of '{pipeline.Name}' answers a {(field == SampleFields.Answer ? "text" : "class")} for the field '{field}'; tasks of detections need a COCO file";
        var unknown = Unknown(nearest, truths);
        var allowed = nearest.Output.Labels.IsEmpty ? "numbers of classes, as the task has no names: set its \"labels\"" : Listed(nearest.Output.Labels);
        return $"--data: {Listed(unknown)} {(unknown.Length == 1 ? "is no class" : "are no classes")} of task '{nearest.Name}', allowed: {allowed}";
    }

    private static string Listed(IReadOnlyCollection<string> names) => string.Join(", ", names.Take(MostNames).Select(static n => $"'{n}'"))
        + (names.Count > MostNames ? string.Create(CultureInfo.InvariantCulture, $" and {names.Count - MostNames} more") : "");
}
