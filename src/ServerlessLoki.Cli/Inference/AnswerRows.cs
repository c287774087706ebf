using System.Collections.Immutable;
using System.Text;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Cli.Inference;

/// <summary>Conversion of the engine's result to an answer for display.</summary>
internal static class AnswerRows
{
    /// <summary>Converts all rows, parents before children.</summary>
    public static InferAnswer Of(Pipeline pipeline, QueryResult result)
    {
        var rows = ImmutableArray.CreateBuilder<FoundRow>();
        var first = new int[result.Answers.Count];
        for (var a = 0; a < first.Length; a++)
        {
            var answer = result.Answers[a];
            var task = pipeline.Tasks[answer.Task];
            first[a] = rows.Count;
            // A model's own output may be called so too, and hold any number of elements.
            if (task.Output.Kind is TaskOutputKind.Text or TaskOutputKind.Answer && answer.Tensor?.Parts is [{ Name: "text", Datatype: "BYTES" } text, ..] parts)
            {
                double? score = parts is [_, { Name: "score", Datatype: "FP32" } sure, ..] ? BitConverter.ToSingle(sure.Bytes.Span) : null;
                int? about = answer.Parent < 0 ? null : first[answer.Parent] + Math.Max(0, answer.ParentRow);
                rows.Add(new FoundRow(rows.Count, task.Name, Encoding.UTF8.GetString(text.Bytes.Span[sizeof(int)..]), score, about, null));
            }

            foreach (var row in answer.Rows)
            {
                var label = row.Label >= 0 && row.Label < task.Output.Labels.Length ? task.Output.Labels[row.Label] : $"{row.Label}";
                double[]? box = task.Output.Kind == TaskOutputKind.Detections ? [row.X1, row.Y1, row.X2, row.Y2] : null;
                int? parent = answer.Parent < 0 ? null : first[answer.Parent] + Math.Max(0, answer.ParentRow);
                rows.Add(new FoundRow(rows.Count, task.Name, label, row.Score, parent, box));
            }
        }

        var variants = result.Answers.GroupBy(x => x.Task).Select(g =>
            $"{pipeline.Tasks[g.Key].Name}={string.Join('+', g.Select(x => pipeline.Tasks[g.Key].Variants[x.Variant].Name).Distinct(StringComparer.Ordinal))}");
        return new InferAnswer(pipeline.Name, result.Latency.TotalMilliseconds, result.Accuracy, string.Join(',', variants), rows.ToImmutable());
    }
}
