using Google.Protobuf;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Ids of control pieces in a SentencePiece model (sentencepiece_model.proto), which the tokenizer library does not
/// give.</summary>
internal static class SentencePieceFile
{
    private const int Pieces = 1, Trainer = 2, Piece = 1, UnknownId = 40, BeginningId = 41, EndId = 42;

    /// <summary>Reads the pieces.</summary>
    /// <returns>The model for the library, which cannot open one without tokens for the beginning and the end of a sentence, such as T5's: it
    /// finds the unknown piece in their place, and neither is ever added. And the id of each piece.</returns>
    public static (byte[] Model, Dictionary<string, int> Ids) Read(byte[] file)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var (unknown, beginning, end) = (0, 1, 2);
        var id = 0;
        Visit(new CodedInputStream(file), (number, input) =>
        {
            if (number == Pieces)
            {
                Visit(input.ReadBytes().CreateCodedInput(), (field, piece) => field == Piece && ids.TryAdd(piece.ReadString(), id));
                id++;
                return true;
            }

            if (number == Trainer)
            {
                Visit(input.ReadBytes().CreateCodedInput(), (field, trainer) => field switch
                {
                    UnknownId => Set(ref unknown, trainer),
                    BeginningId => Set(ref beginning, trainer),
                    EndId => Set(ref end, trainer),
                    _ => false,
                });
                return true;
            }

            return false;
        });
        return (beginning >= 0 && end >= 0 ? file : [.. file, .. Patch(beginning < 0 ? unknown : beginning, end < 0 ? unknown : end)], ids);

        static bool Set(ref int value, CodedInputStream input)
        {
            value = input.ReadInt32();
            return true;
        }
    }

    /// <summary>Makes the fields that override the two ids. Fields of a message that appear twice are merged, and the later value counts.</summary>
    private static byte[] Patch(int beginning, int end)
    {
        using var trainer = new MemoryStream();
        using (var output = new CodedOutputStream(trainer, leaveOpen: true))
        {
            output.WriteTag(BeginningId, WireFormat.WireType.Varint);
            output.WriteInt32(beginning);
            output.WriteTag(EndId, WireFormat.WireType.Varint);
            output.WriteInt32(end);
        }

        using var patch = new MemoryStream();
        using (var output = new CodedOutputStream(patch, leaveOpen: true))
        {
            output.WriteTag(Trainer, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(trainer.ToArray()));
        }

        return patch.ToArray();
    }

    /// <summary>Visits the fields of a message and skips those that are not read.</summary>
    private static void Visit(CodedInputStream input, Func<int, CodedInputStream, bool> read)
    {
        while (input.ReadTag() is not 0 and var tag)
        {
            if (!read(WireFormat.GetTagFieldNumber(tag), input))
                input.SkipLastField();
        }
    }
}
