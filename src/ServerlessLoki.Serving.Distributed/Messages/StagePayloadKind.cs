namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>What the bytes of a <see cref="StagePayload"/> are.</summary>
public enum StagePayloadKind
{
    /// <summary>RGB pixels, 8 bits per channel, rows from the top: height × width × 3 bytes.</summary>
    Pixels = 1,

    /// <summary>A picture file; its format is found in its bytes.</summary>
    Picture = 2,

    /// <summary>A query's tensor in the byte layout of the Open Inference Protocol: little-endian, row-major. What a task hands on is packed.</summary>
    Tensor = 3,

    /// <summary>One row of each of a model's inputs or outputs, for direct inference; packed as <see cref="Tensors"/> are.</summary>
    Rows = 4,

    /// <summary>What arrived at a join, as <c>JoinArrivals</c> of <c>stage.proto</c>.</summary>
    Arrivals = 5,

    /// <summary>Tensors with their names and shapes, see <see cref="Queries.TensorPack"/>.</summary>
    Tensors = 6,
}
