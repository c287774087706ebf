using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoder <c>pool</c> of one vector <c>[N, C]</c>, unchanged, or of token vectors <c>[N, T, C]</c>: their mean, their largest
/// values or the first one; padding is left out. The result is divided by its length unless the file says otherwise.</summary>
public sealed class PoolDecoder : ITensorDecoder
{
    internal const string Pool = "pool";

    // As torch.nn.functional.normalize has it.
    private const float LeastLength = 1e-12f;

    /// <inheritdoc />
    public string Name => Pool;

    /// <inheritdoc />
    public TaskOutputKind Kind => TaskOutputKind.Embedding;

    /// <inheritdoc />
    public TensorBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var tensor = fit.Tensor;
        var row = OutputFit.IsReal(tensor) ? fit.RowOf(tensor).Where(static d => d != 1).ToList() : [];
        return row is [> 0] or [_, > 0]
            ? TensorBinding.By(new Reader(tensor.Index, (int)row[^1], row.Count == 2, fit.Expected.Embedding))
            : TensorBinding.Refused($"output {tensor}: an embedding is FP32 or FP16 [N, C], or [N, T, C] with a vector for each token, C fixed; name the output in \"tensor\"");
    }

    private sealed class Reader(int output, int size, bool hasTokens, EmbeddingForm form) : ITensorReader
    {
        public RowTensor? Read(IRowValues row)
        {
            var values = row.Of(output);
            var mask = hasTokens ? row.Mask : [];
            var tokens = values.Length / size;
            if (tokens == 0 || tokens * size != values.Length || (!hasTokens && tokens != 1))
                throw new ModelException($"{values.Length} values are {(hasTokens ? "no vectors" : "not the vector")} of {size}.");
            if (!mask.IsEmpty && mask.Length != tokens)
                throw new ModelException($"it has vectors of {tokens} tokens, but the mask has {mask.Length}.");
            var vector = new float[size];
            Combine(values, mask, vector);
            if (form.IsNormalised)
                TensorPrimitives.Divide(vector, Math.Max(TensorPrimitives.Norm(vector), LeastLength), vector);
            // One that is no number makes the sum of squares none.
            return float.IsFinite(TensorPrimitives.SumOfSquares<float>(vector))
                ? new RowTensor([new TensorPart("embedding", "FP32", [size], MemoryMarshal.AsBytes<float>(vector).ToArray())]) : null;
        }

        private void Combine(ReadOnlySpan<float> values, ReadOnlySpan<float> mask, Span<float> vector)
        {
            if (!hasTokens || form.Pooling == Pooling.Cls)
            {
                values[..vector.Length].CopyTo(vector);
                return;
            }

            var count = 0;
            for (var token = 0; values.Length >= vector.Length; token++, values = values[vector.Length..])
            {
                if (!mask.IsEmpty && mask[token] == 0)
                    continue;
                var next = values[..vector.Length];
                if (form.Pooling == Pooling.Mean)
                    TensorPrimitives.Add(vector, next, vector);
                else if (count == 0)
                    next.CopyTo(vector);
                else
                    TensorPrimitives.Max(vector, next, vector);
                count++;
            }

            if (form.Pooling == Pooling.Mean && count > 1)
                TensorPrimitives.Divide(vector, count, vector);
        }
    }
}
