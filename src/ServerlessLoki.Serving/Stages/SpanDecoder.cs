using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoder <c>span</c> of the logits of an answer's start and end, <c>[N, T]</c> each: the words of the query's second text from
/// the best start to the best end. The score is the product of both probabilities, among that text's tokens and the first one, as in
/// Hugging Face's pipelines.</summary>
public sealed class SpanDecoder : ITensorDecoder
{
    internal const string Span = "span";

    /// <inheritdoc />
    public string Name => Span;

    /// <inheritdoc />
    public TaskOutputKind Kind => TaskOutputKind.Answer;

    /// <inheritdoc />
    public TensorBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (!fit.TakesTexts)
            return TensorBinding.Refused("an answer is a part of a text: the task needs \"input\": {\"kind\": \"text\", …}, and a pair of question and context");
        var start = fit.Find("start", [], static o => OutputFit.IsReal(o) && o.Shape.Length == 2, "start");
        var end = fit.Find("end", [start], static o => OutputFit.IsReal(o) && o.Shape.Length == 2, "end");
        return start is null || end is null
            ? TensorBinding.Refused(
                $"decoder span reads start [N, T] ({start?.ToString() ?? "not found"}) and end [N, T] ({end?.ToString() ?? "not found"}); "
                + $"the model has {string.Join(", ", fit.Outputs)}: say which is which by \"tensors\": {{\"start\": …, \"end\": …}}")
            : TensorBinding.By(new Reader(start.Index, end.Index, fit.Expected.Answer));
    }

    private sealed class Reader(int starts, int ends, SpanForm form) : ITensorReader
    {
        public RowTensor? Read(IRowValues row)
        {
            if (row.Text is not { } text)
                throw new ModelException("an answer is a part of a text, and the query brought none.");
            var start = row.Of(starts);
            var end = row.Of(ends);
            var count = text.Places.Length;
            if (start.Length != end.Length || start.Length < text.First + count)
                throw new ModelException($"its logits are of {start.Length} starts and {end.Length} ends; the query has {text.First + count} tokens or more.");
            if (count == 0)
                return Found("", 0, 0, 0);
            var from = start.Slice(text.First, count);
            var to = end.Slice(text.First, count);
            var (first, last) = Best(from, to);
            var best = (double)from[first] + to[last];
            var none = text.HasStart ? (double)start[0] + end[0] : double.NegativeInfinity;
            var all = Log(from, text.HasStart ? start[0] : null) + Log(to, text.HasStart ? end[0] : null);
            if (!double.IsFinite(best + all) || double.IsNaN(none))
                return null;
            return form.EmptyAbove is { } above && none - best > above
                ? Found("", Math.Exp(none - all), 0, 0)
                : Found(text.Text, Math.Exp(best - all), text.Places[first].Start, text.Places[last].End);
        }

        /// <summary>Finds the best pair; of equal pairs the one that starts first, then the shorter.</summary>
        private (int First, int Last) Best(ReadOnlySpan<float> from, ReadOnlySpan<float> to)
        {
            var (first, last, best) = (0, 0, float.NegativeInfinity);
            for (var i = 0; i < from.Length; i++)
            {
                for (var j = i; j < Math.Min(to.Length, (long)i + form.MaxTokens); j++)
                {
                    if (from[i] + to[j] > best)
                        (first, last, best) = (i, j, from[i] + to[j]);
                }
            }

            return (first, last);
        }

        /// <summary>Computes the logarithm of the sum of exponentials.</summary>
        private static double Log(ReadOnlySpan<float> values, float? also)
        {
            var largest = also ?? float.NegativeInfinity;
            foreach (var value in values)
                largest = Math.Max(largest, value);
            var sum = also is { } one ? Math.Exp(one - largest) : 0;
            foreach (var value in values)
                sum += Math.Exp(value - largest);
            return largest + Math.Log(sum);
        }

        private static RowTensor Found(string text, double score, int start, int end) => new(
        [
            MadeTensors.TextPart(text[start..end]), MadeTensors.ScorePart((float)score),
            new TensorPart(MadeTensors.Start, "INT32", [], BitConverter.GetBytes(Characters(text, start))),
            new TensorPart(MadeTensors.End, "INT32", [], BitConverter.GetBytes(Characters(text, end))),
        ]);

        /// <summary>Counts code points, as Python and most clients do; two UTF-16 units may be one.</summary>
        private static int Characters(string text, int end)
        {
            var count = 0;
            foreach (var unit in text.AsSpan(0, end))
                count += char.IsLowSurrogate(unit) ? 0 : 1;
            return count;
        }
    }
}
