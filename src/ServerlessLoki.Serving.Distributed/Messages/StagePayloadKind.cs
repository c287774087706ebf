namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Kind of the bytes of a <see cref="StagePayload"/>.</summary>
public enum StagePayloadKind
{
    /// <summary>RGB pixels, 8 bits per channel, rows from the top: height × width × 3 bytes.</summary>
    Pixels = 1,

    /// <summary>Image file; its format is detected from its bytes.</summary>
    Picture = 2,

    /// <summary>Single tensor of a query in the byte layout of the Open Inference Protocol: little-endian, row-major. Tensors that a task
    /// hands on are packed.</summary>
    Tensor = 3,

    /// <summary>One row of each of a model's inputs or outputs, for direct inference; packed like <see cref="Tensors"/>.</summary>
    Rows = 4,

    /// <summary>Arrivals at a join, as <c>JoinArrivals</c> of <c>stage.proto</c>.</summary>
    Arrivals = 5,

    /// <summary>Tensors with their names and shapes, see <see cref="Queries.TensorPack"/>.</summary>
    Tensors = 6,
}
