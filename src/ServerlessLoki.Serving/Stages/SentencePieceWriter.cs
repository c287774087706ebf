using Google.Protobuf;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Writer of a SentencePiece model (sentencepiece_model.proto) for the tokenizer library, which reads Unigram vocabularies in that form
/// only.</summary>
internal static class SentencePieceWriter
{
    private const int Pieces = 1, Trainer = 2, Normalizer = 3;
    private const int Normal = 1, Unknown = 2, Control = 3, Byte = 6;

    /// <summary>Writes a Unigram model. Ids without a token, and tokens without a score, become pieces that no text has.</summary>
    public static byte[] Write(TokenizerJson json)
    {
        using var model = new MemoryStream();
        using (var output = new CodedOutputStream(model, leaveOpen: true))
        {
            var byId = json.Ids.GroupBy(static t => t.Value).ToDictionary(static g => g.Key, static g => g.First().Key);
            for (var id = 0; id <= byId.Keys.Max(); id++)
                Message(output, Pieces, piece => Piece(piece, json, id, byId.GetValueOrDefault(id)));
            var unknown = json.Unknown is { } token ? json.Ids[token] : 0;
            Message(output, Trainer, trainer =>
            {
                Number(trainer, 3, 1);
                Number(trainer, 40, unknown);
                Number(trainer, 41, json.Ids.GetValueOrDefault("<s>", unknown));
                Number(trainer, 42, json.Ids.GetValueOrDefault("</s>", unknown));
            });
            Message(output, Normalizer, rules =>
            {
                if (json.CharacterMap.Length > 0)
                {
                    rules.WriteTag(2, WireFormat.WireType.LengthDelimited);
                    rules.WriteBytes(ByteString.CopyFrom(json.CharacterMap));
                }

                Number(rules, 3, json.HasPrefix ? 1 : 0);
                Number(rules, 4, 1);
                Number(rules, 5, 1);
            });
        }

        return model.ToArray();
    }

    private static void Piece(CodedOutputStream piece, TokenizerJson json, int id, string? token)
    {
        piece.WriteTag(1, WireFormat.WireType.LengthDelimited);
        piece.WriteString(token ?? $"<unused{id}>");
        piece.WriteTag(2, WireFormat.WireType.Fixed32);
        piece.WriteFloat((float)(token is null ? 0 : json.Scores.GetValueOrDefault(token)));
        var isByte = token is ['<', '0', 'x', _, _, '>'];
        Number(piece, 3, token == json.Unknown ? Unknown : token is null || !json.Scores.ContainsKey(token) || json.Specials.Contains(token, StringComparer.Ordinal) ? Control : isByte ? Byte : Normal);
    }

    private static void Number(CodedOutputStream output, int field, int value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt32(value);
    }

    private static void Message(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var inner = new CodedOutputStream(bytes, leaveOpen: true))
            write(inner);
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(bytes.ToArray()));
    }
}
