using System.Numerics.Tensors;
using System.Text;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoder <c>ctc</c> of one class per step, <c>[N, T, C]</c>: the best class of each step, without repetitions of the step before
/// and without the blank class. The score is the mean probability of the steps that gave a character; 0 where none did.</summary>
public sealed class CtcDecoder : ITensorDecoder
{
    internal const string Ctc = "ctc";

    /// <inheritdoc />
    public string Name => Ctc;

    /// <inheritdoc />
    public TaskOutputKind Kind => TaskOutputKind.Text;

    /// <inheritdoc />
    public TensorBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var (form, tensor) = (fit.Expected.Text, fit.Tensor);
        if (!OutputFit.IsReal(tensor) || tensor.Shape.Length != (fit.HasBatch ? 3 : 2) || tensor.Shape[^1] < 2)
            return TensorBinding.Refused($"output {tensor}: for decoder ctc it is FP32 or FP16 [N, T, classes], the number of classes fixed");
        if (form.Dictionary is not { } path)
            return TensorBinding.Refused("decoder ctc needs a \"dictionary\": a file with a character a line, in the order of the model's classes");
        string[] characters;
        try
        {
            characters = [.. File.ReadAllLines(fit.FullPath(path)), .. form.HasSpace ? [" "] : Array.Empty<string>()];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return TensorBinding.Refused($"dictionary '{path}' cannot be read: {exception.Message.TrimEnd('.')}");
        }

        var classes = (int)tensor.Shape[^1];
        if (characters.Length + 1 == classes)
            return TensorBinding.By(new Reader(tensor.Index, classes, characters, form.IsBlankLast ? classes - 1 : 0, fit.Expected.Scores == ScoreForm.Logits));
        var cure = characters.Length + 2 == classes && !form.HasSpace ? "a blank space may be lacking: \"space\": true" : "take the dictionary that the model was trained with";
        return TensorBinding.Refused(
            $"output {tensor} has {classes} classes, but dictionary '{path}' has {characters.Length} characters{(form.HasSpace ? " with the blank space" : "")}, which with the one for nothing make {characters.Length + 1}: {cure}");
    }

    private sealed class Reader(int output, int classes, string[] characters, int blank, bool areLogits) : ITensorReader
    {
        public RowTensor? Read(IRowValues row)
        {
            var text = new StringBuilder();
            var (last, sum, count) = (blank, 0.0, 0);
            var values = row.Of(output);
            if (values.Length % classes != 0)
                throw new ModelException($"{values.Length} values are no steps of {classes} classes.");
            for (; !values.IsEmpty; values = values[classes..])
            {
                var step = values[..classes];
                // Where one is no number, it is the index of that.
                var best = TensorPrimitives.IndexOfMax(step);
                if (!float.IsFinite(step[best]))
                    return null;
                if (best != blank && best != last)
                {
                    text.Append(characters[best > blank ? best - 1 : best]);
                    sum += areLogits ? Share(step, step[best]) : Math.Clamp(step[best], 0, 1);
                    count++;
                }

                last = best;
            }

            return new RowTensor([MadeTensors.TextPart(text.ToString()), MadeTensors.ScorePart(count == 0 ? 0 : (float)(sum / count))]);
        }

        /// <summary>Computes the softmax of the largest value.</summary>
        private static double Share(ReadOnlySpan<float> step, float largest)
        {
            var sum = 0.0;
            foreach (var value in step)
                sum += Math.Exp(value - largest);
            return 1 / sum;
        }
    }
}
