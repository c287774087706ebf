using System.Runtime.InteropServices;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Replies of a worker about an item, before the worker's name and claim checks are added.</summary>
internal static class Replies
{
    public static StageReply Answer(WorkerQuery query, StageItem item, OutputRow[] rows, RowTensor? tensor, int children) => new(query.Message)
    {
        Variant = query.VariantName(item.Variant),
        Accuracy = Math.Clamp(item.Accuracy, 0, 1),
        QueuedUs = Math.Max(0, item.QueuedUs),
        ComputedUs = Math.Max(0, item.ComputedUs),
        Children = children,
        Rows = ImmutableCollectionsMarshal.AsImmutableArray(rows),
        Tensor = tensor is null ? null : OfTensor(tensor),
    };

    /// <summary>Makes the reply to a direct inference: the row of each output.</summary>
    public static StageReply Direct(StageMessage message, VariantResult result) =>
        new(message) { Tensor = new StagePayload { Kind = StagePayloadKind.Rows, Bytes = TensorPack.Write(result.Parts()) } };

    public static StageReply Failure(StageMessage message, StageFailure failure) => new(message) { Failure = failure };

    public static StagePayload OfTensor(RowTensor tensor) => new() { Kind = StagePayloadKind.Tensor, Bytes = TensorPack.Write(tensor.Parts) };
}
