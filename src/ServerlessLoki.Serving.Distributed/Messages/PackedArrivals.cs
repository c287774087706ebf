using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Bytes of a <see cref="StagePayloadKind.Arrivals"/>: <see cref="PackedRows"/> whose rows are arrivals.</summary>
internal static class PackedArrivals
{
    private const string What = "arrival of a join";

    public static StagePayload Of(IReadOnlyList<JoinInput> inputs) => new()
    {
        Kind = StagePayloadKind.Arrivals, Bytes = PackedRows.Write([.. inputs.Select(i => (ReadOnlyMemory<byte>)WriteOne(i))]),
    };

    /// <exception cref="FormatException">The bytes are no arrivals; says where.</exception>
    public static IReadOnlyList<JoinInput> Read(ReadOnlyMemory<byte> packed) => [.. PackedRows.Read(packed).Select(ReadOne)];

    private static byte[] WriteOne(JoinInput input)
    {
        var tensor = input.Tensor is { } parts ? TensorPack.Write(parts.Parts) : [];
        var writer = new WireWriter(64 + tensor.Length);
        writer.Int(input.Edge);
        writer.Row(input.Row);
        writer.Bool(input.Tensor is not null);
        writer.Bytes(tensor);
        return writer.ToArray();
    }

    private static JoinInput ReadOne(ReadOnlyMemory<byte> bytes)
    {
        var reader = new WireReader(bytes, What);
        var (edge, row, hasTensor) = (reader.Int("edge", 0, int.MaxValue), reader.Row("row"), reader.Bool("has tensor"));
        var tensor = reader.Bytes("tensor");
        reader.End();
        return new JoinInput(edge, row, hasTensor ? Payloads.TensorOf(tensor) : null);
    }
}
