using System.Globalization;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Inspection as lines of text.</summary>
internal static class InspectionText
{
    private const int LongestValue = 100;

    /// <summary>Prints the inspection.</summary>
    public static void Print(CliConsole console, ModelInspection found)
    {
        var facts = found.Facts;
        Line($"{Path.GetFileName(facts.Path)}: {facts.Bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes, {Opsets(facts.File)}{(facts.File.Producer is { } producer ? $", by {producer}" : "")}");
        foreach (var input in facts.Inputs)
            Line($"  input   {input}");
        foreach (var output in facts.Outputs)
            Line(output.IsMap ? $"  output  {output.Name} maps of labels and scores" : $"  output  {output}");
        foreach (var (key, value) in facts.Metadata.OrderBy(static m => m.Key, StringComparer.Ordinal))
            Line($"  {key}: {Short(value)}");
        Line($"looks like: {found.LooksLike.Kind}{(found.IsServed && found.ServedAs != found.LooksLike ? $", and is served as {found.ServedAs.Kind}" : "")}");
        foreach (var reason in found.LooksLike.Because)
            Line($"  {reason}");
        Line("assumed:");
        foreach (var assumed in found.Assumed)
            Line($"  {assumed}");
        if (!found.Limits.IsEmpty)
            Line("limits:");
        foreach (var limit in found.Limits)
        {
            Line($"  {limit.What}");
            if (limit.Cure is not null)
                Line($"    cure: {limit.Cure}");
        }

        void Line(string text) => console.Line(Printable.Of(text));
    }

    /// <summary>Makes the document of <c>--json</c>.</summary>
    public static object Document(ModelInspection found, string? written) => new
    {
        model = found.Facts.Path,
        found.Facts.Bytes,
        opsets = found.Facts.File.Opsets.Select(static o => new { domain = Domain(o.Key), version = o.Value }),
        found.Facts.File.Producer,
        inputs = found.Facts.Inputs.Select(static i => new { i.Name, i.Datatype, i.Shape }),
        outputs = found.Facts.Outputs.Select(static o => new { o.Name, o.Datatype, o.Shape }),
        found.Facts.Metadata,
        looks_like = found.LooksLike.Kind,
        found.LooksLike.Because,
        served_as = found.IsServed ? found.ServedAs.Kind : null,
        found.Assumed,
        found.Limits,
        pipeline = found.IsServed ? found.Draft.Root : null,
        written,
    };

    private static string Opsets(OnnxFile file) => "opset " + string.Join(", ", file.Opsets.Select(static o => o.Key.Length == 0 ? $"{o.Value}" : $"{o.Key} {o.Value}"));

    private static string Domain(string domain) => domain.Length == 0 ? "ai.onnx" : domain;

    private static string Short(string value)
    {
        var line = value.ReplaceLineEndings(" ");
        return line.Length <= LongestValue ? line : $"{line[..LongestValue]}…";
    }
}
