using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Meaning of the columns of a CSV file, and of the members of JSON lines.</summary>
/// <param name="pipeline">Pipeline that is measured.</param>
/// <param name="kind">What its queries bring.</param>
/// <param name="folder">Folder that files are relative to.</param>
/// <param name="faults">Receives faults.</param>
internal sealed class SampleFields(Pipeline pipeline, QueryKind kind, string folder, DataFaults faults)
{
    /// <summary>Field of the right class.</summary>
    public const string Label = "label";

    /// <summary>Field of the right text.</summary>
    public const string Answer = "answer";

    private const string Parameter = "parameters.";
    private static readonly string[] s_files = ["image", "audio", "file"];

    /// <summary>Fields that a row must have for the query, in words.</summary>
    public string Needed => kind != QueryKind.Text ? "image, audio or file" : QueryKinds.Texts(pipeline) == 1 ? "text" : "question and context";

    /// <summary>Tests whether a field is used.</summary>
    public bool IsKnown(string field) => s_files.Contains(field, StringComparer.Ordinal) || field is "text" or "question" or "context" or Label or Answer
        || pipeline.FindTask(field) is not null || (field.StartsWith(Parameter, StringComparison.Ordinal) && pipeline.Parameters.Any(p => p.Name == field[Parameter.Length..]));

    /// <summary>Makes a sample of a row; null after a fault.</summary>
    /// <param name="place">File and line.</param>
    /// <param name="row">Values by field; fields of a truth may have several.</param>
    public Sample? Read(string place, IReadOnlyDictionary<string, ImmutableArray<string>> row)
    {
        var truths = row.Where(f => !f.Value.IsEmpty && (f.Key is Label or Answer || pipeline.FindTask(f.Key) is not null)).ToImmutableDictionary(StringComparer.Ordinal);
        if (truths.IsEmpty)
            faults.Add(place, $"it has no right answer; allowed: {Label}, {Answer}, or the name of a task ({string.Join(", ", pipeline.Tasks.Select(static t => t.Name))})");
        var input = kind == QueryKind.Text ? Texts(place, row) : FileOf(place, row);
        return input is null || truths.IsEmpty ? null : new Sample(place, input) { Truths = truths, Arguments = [.. Arguments(row)] };
    }

    private static IEnumerable<TensorPart> Arguments(IReadOnlyDictionary<string, ImmutableArray<string>> row) => row
        .Where(static f => f.Key.StartsWith(Parameter, StringComparison.Ordinal) && !f.Value.IsEmpty)
        .Select(static f => MadeTensors.TextPart(f.Value[0]) with { Name = f.Key[Parameter.Length..] });

    private SampleInput? Texts(string place, IReadOnlyDictionary<string, ImmutableArray<string>> row)
    {
        string[] names = QueryKinds.Texts(pipeline) == 1 ? ["text"] : ["question", "context"];
        if (Array.Find(names, n => !row.TryGetValue(n, out var found) || found is not [_]) is { } missing)
        {
            faults.Add(place, $"'{missing}' is missing; queries of '{pipeline.Name}' bring {Needed}");
            return null;
        }

        return new SampleInput(QueryKind.Text, [.. names.Select(n => row[n][0])]);
    }

    private SampleInput? FileOf(string place, IReadOnlyDictionary<string, ImmutableArray<string>> row)
    {
        if (Array.Find(s_files, row.ContainsKey) is not { } field || row[field] is not [var name])
        {
            faults.Add(place, $"no file is named; queries of '{pipeline.Name}' need {Needed}");
            return null;
        }

        var path = Path.GetFullPath(name, folder);
        var fault = File.Exists(path) ? SampleFiles.Fault(kind, path, out _) : "there is no such file";
        if (fault is not null)
            faults.Add(place, $"{name}: {fault}");
        return fault is null ? new SampleInput(kind, [path]) : null;
    }
}
