using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoder <c>ids</c> of token ids <c>[N, T]</c> to a text, for graphs that contain the whole generation (BeamSearch,
/// GreedySearch). Of several sequences, <c>[N, S, T]</c>, it decodes the first one, which is the best.</summary>
public sealed class TokenIdsDecoder : ITensorDecoder
{
    internal const string Ids = "ids";

    /// <inheritdoc />
    public string Name => Ids;

    /// <inheritdoc />
    public TaskOutputKind Kind => TaskOutputKind.Text;

    /// <inheritdoc />
    public TensorBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var (form, tensor) = (fit.Expected.Text, fit.Tensor);
        if (!MadeTensors.IsIds(tensor.Datatype) || tensor.Shape.Length - (fit.HasBatch ? 1 : 0) is not (1 or 2))
            return TensorBinding.Refused($"output {tensor}: for decoder ids it is INT64 or INT32 [N, T] or [N, S, T]; name it in \"tensor\"");
        if (form.Tokenizer is not { } path)
            return TensorBinding.Refused("decoder ids needs a \"tokenizer\": vocab.txt, vocab.json or a SentencePiece model");
        try
        {
            return TensorBinding.By(new Reader(tensor.Index, tensor.Datatype, TextVocabulary.ReadWords(fit.FullPath(path), form.Skipped)));
        }
        catch (ModelException exception)
        {
            return TensorBinding.Refused(exception.Message.TrimEnd('.'));
        }
    }

    private sealed class Reader(int output, string datatype, TextVocabulary vocabulary) : ITensorReader
    {
        public RowTensor? Read(IRowValues row)
        {
            var shape = row.ShapeOf(output);
            var bytes = row.BytesOf(output);
            // Of no sequence there is none to take, however long each would be.
            var length = bytes.IsEmpty ? 0 : (int)shape[^1];
            var ids = new List<int>(length);
            for (var i = 0; i < length; i++)
            {
                var id = datatype == "INT64" ? MemoryMarshal.Cast<byte, long>(bytes)[i] : MemoryMarshal.Cast<byte, int>(bytes)[i];
                // Some graphs fill up with -1. Tokens that were added beside the file, such as T5's <extra_id_0>, lie behind its own: they are special.
                if (id >= 0 && id < vocabulary.Size)
                    ids.Add((int)id);
            }

            return new RowTensor([MadeTensors.TextPart(vocabulary.Decode(ids))]);
        }
    }
}
