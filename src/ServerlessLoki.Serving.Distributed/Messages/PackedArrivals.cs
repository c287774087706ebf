using Google.Protobuf;
using ServerlessLoki.Serving.Distributed.Messages.Wire;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Encoding of <see cref="StagePayloadKind.Arrivals"/>: Protobuf, by <c>stage.proto</c>.</summary>
internal static class PackedArrivals
{
    public static StagePayload Of(IReadOnlyList<JoinInput> inputs)
    {
        var wire = new JoinArrivals { Version = WireForms.Version };
        foreach (var input in inputs)
        {
            var arrival = new JoinArrival { Edge = input.Edge, Row = WireForms.Of(input.Row) };
            if (input.Tensor is { } tensor)
                arrival.Tensor = UnsafeByteOperations.UnsafeWrap(TensorPack.Write(tensor.Parts));
            wire.Arrivals.Add(arrival);
        }

        return new StagePayload { Kind = StagePayloadKind.Arrivals, Bytes = wire.ToByteArray() };
    }

    /// <exception cref="FormatException">The bytes are no arrivals; says which field.</exception>
    public static IReadOnlyList<JoinInput> Read(ReadOnlyMemory<byte> packed)
    {
        var check = new WireCheck("arrivals at a join");
        var wire = check.Parse(JoinArrivals.Parser, packed);
        check.Version(wire.Version);
        return [.. wire.Arrivals.Select(a => new JoinInput(check.Int(a.Edge, 0), check.Row(a.Row), a.HasTensor ? Payloads.TensorOf(a.Tensor.Memory) : null))];
    }
}
