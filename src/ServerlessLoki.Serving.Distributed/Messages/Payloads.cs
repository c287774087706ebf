using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Conversion between payloads in messages and the engine's objects.</summary>
internal static class Payloads
{
    /// <summary>Makes the payload of a query's input. Its bytes are the input's, and valid as long as the input.</summary>
    /// <exception cref="NotSupportedException">The input is neither image nor tensor.</exception>
    public static StagePayload Of(QueryInput input) => input switch
    {
        ImageInput { Encoded: { IsEmpty: false } file } => new StagePayload { Kind = StagePayloadKind.Picture, Bytes = file },
        ImageInput { Image: var image } =>
            new StagePayload { Kind = StagePayloadKind.Pixels, Width = image.Width, Height = image.Height, Bytes = image.Memory },
        TensorInput tensor => new StagePayload { Kind = tensor.IsPacked ? StagePayloadKind.Tensors : StagePayloadKind.Tensor, Bytes = tensor.Bytes },
        _ => throw new NotSupportedException($"A {input.GetType().Name} cannot travel to workers: images and tensors can."),
    };

    /// <summary>Makes a payload fit into a message: a large one is put into the store.</summary>
    /// <param name="payload">Payload to send.</param>
    /// <param name="roomBytes">Bytes left in the message.</param>
    /// <param name="store">Store of larger payloads.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    public static async ValueTask<StagePayload> CheckAsync(
        StagePayload payload, int roomBytes, IPayloadStore store, CancellationToken cancellationToken) =>
        payload.Token is not null || payload.Bytes.Length <= roomBytes
            ? payload
            : payload with { Bytes = default, Token = await store.PutAsync(payload.Bytes, cancellationToken) };

    /// <summary>Makes a payload fit into a message of a run, which deletes the stored payload when it ends.</summary>
    public static async ValueTask<StagePayload> CheckAsync(
        StagePayload payload, int roomBytes, RunPayloads store, string run, DateTimeOffset created, CancellationToken cancellationToken) =>
        payload.Token is not null || payload.Bytes.Length <= roomBytes
            ? payload
            : payload with { Bytes = default, Token = await store.PutAsync(run, created, payload.Bytes, cancellationToken) };

    /// <summary>Converts a payload to a query's input, without copying where possible.</summary>
    /// <exception cref="FormatException">The bytes do not match the payload's kind.</exception>
    public static QueryInput InputOf(StagePayload payload, ReadOnlyMemory<byte> bytes)
    {
        switch (payload.Kind)
        {
            case StagePayloadKind.Tensor or StagePayloadKind.Tensors:
                return new TensorInput(new Memory(MemoryMarshal.AsMemory(bytes)), bytes.Length, payload.Kind == StagePayloadKind.Tensors);
            case StagePayloadKind.Picture:
                try
                {
                    return new ImageInput(new Memory(MemoryMarshal.AsMemory(bytes)), bytes.Length, ImageLimits.Default, decodesAgain: true);
                }
                catch (Exception exception) when (exception is ImageFormatException or ImageTooLargeException)
                {
                    throw new FormatException($"The query's image: {exception.Message}", exception);
                }

            default:
                if ((long)payload.Width * payload.Height * 3 is var pixels && pixels != bytes.Length)
                    throw new FormatException($"The query's image has {bytes.Length} bytes; {payload.Width} × {payload.Height} pixels need {pixels}.");
                var array = MemoryMarshal.TryGetArray(bytes, out var segment) && segment is { Offset: 0, Array: not null } ? segment.Array : bytes.ToArray();
                return new ImageInput(RgbImage.Over(payload.Width, payload.Height, array));
        }
    }

    /// <summary>Values of parameters, as they travel; null for none.</summary>
    public static StagePayload? OfArguments(ImmutableArray<TensorPart> arguments) =>
        arguments.IsEmpty ? null : new StagePayload { Kind = StagePayloadKind.Tensors, Bytes = TensorPack.Write(arguments) };

    /// <summary>Values of parameters that came.</summary>
    /// <exception cref="FormatException">The bytes are no tensors.</exception>
    public static ImmutableArray<TensorPart> ArgumentsOf(StagePayload? payload) => payload is null ? [] : TensorPack.Read(payload.Bytes);

    /// <summary>What a parent hands on.</summary>
    /// <exception cref="FormatException">The bytes are no tensors.</exception>
    public static RowTensor TensorOf(ReadOnlyMemory<byte> bytes) => TensorPack.Read(bytes) is { IsEmpty: false } parts
        ? new RowTensor(parts)
        : throw new FormatException("A task handed on tensors, and there are none.");

    /// <summary>Reads the bytes of a payload; null if they were deleted.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>?> BytesAsync(StagePayload payload, IPayloadStore store, CancellationToken cancellationToken)
    {
        if (payload.Token is null)
            return payload.Bytes;
        // Not by a conditional: its null would be an array, and a null array becomes memory that is there and empty.
        if (await store.FindAsync(payload.Token, cancellationToken) is not { } bytes)
            return null;
        return bytes;
    }

    public static long Size(QueryInput input) => input switch
    {
        ImageInput image => image.Encoded.Length + image.PixelBytes,
        TensorInput tensor => tensor.Bytes.Length,
        _ => 0,
    };

    /// <summary>Memory that the garbage collector frees.</summary>
    private sealed class Memory(Memory<byte> memory) : IMemoryOwner<byte>
    {
        Memory<byte> IMemoryOwner<byte>.Memory => memory;

        public void Dispose()
        {
        }
    }
}
