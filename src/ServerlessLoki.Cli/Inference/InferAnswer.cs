using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Cli.Annotate;

namespace ServerlessLoki.Cli.Inference;

/// <summary>Answer of a pipeline about one image.</summary>
/// <param name="Pipeline">Pipeline name.</param>
/// <param name="LatencyMs">Time from arrival to answer, as the server measured it, milliseconds.</param>
/// <param name="Accuracy">Expected accuracy, 0..1.</param>
/// <param name="Variants">Variants that took part, as the protocol's answers name them.</param>
/// <param name="Found">All rows of all tasks, parents before children.</param>
internal sealed record InferAnswer(string Pipeline, double LatencyMs, double Accuracy, string Variants, ImmutableArray<FoundRow> Found)
{
    /// <summary>Lists the rows with a box, labelled by their children's answers where there are any.</summary>
    public IReadOnlyList<Mark> Marks()
    {
        var tasks = Found.Select(f => f.Task).Distinct(StringComparer.Ordinal).ToList();
        return
        [
            .. Found.Where(f => f.Box is not null).Select(found =>
            {
                var child = Found.FirstOrDefault(f => f.Parent == found.Index && f.Task != found.Task);
                var text = string.Create(CultureInfo.InvariantCulture, $"{(child ?? found).Label} {(child ?? found).Score:F2}");
                return new Mark(found.Box![0], found.Box[1], found.Box[2], found.Box[3], text, child is null ? 0 : tasks.IndexOf(child.Task));
            }),
        ];
    }
}
