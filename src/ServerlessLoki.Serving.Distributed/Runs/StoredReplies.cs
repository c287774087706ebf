using System.Text.Json;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Reader of the answers of a run's stages, from events and from the store. Each call throws <see cref="FormatException"/> where
/// an answer is missing or cannot be read.</summary>
internal sealed class StoredReplies(IPayloadStore payloads)
{
    /// <summary>Reads the replies of stages, with those that were stored together.</summary>
    public async Task<List<StageReply>> RepliesAsync(IReadOnlyList<StageArrival> answers, IReadOnlyList<string>? stored, CancellationToken cancellationToken)
    {
        var all = new List<StageArrival>(answers);
        foreach (var token in stored ?? [])
        {
            var list = await payloads.FindAsync(token, cancellationToken) ?? throw new FormatException("Answers of stages are gone from the store.");
            all.AddRange(JsonSerializer.Deserialize<StageArrival[]>(list) ?? []);
        }

        var replies = new List<StageReply>(all.Count);
        foreach (var answer in all)
            replies.Add(await ReadAsync(answer, cancellationToken));
        return replies;
    }

    /// <summary>Reads the raw row of each reply that has one.</summary>
    public async Task<RowTensor?[]> TensorsAsync(List<StageReply> replies, CancellationToken cancellationToken)
    {
        var tensors = new RowTensor?[replies.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            if (replies[i].Tensor is not { } tensor)
                continue;
            var bytes = await Payloads.BytesAsync(tensor, payloads, cancellationToken) ?? throw new FormatException("A stage's tensor is gone from the store.");
            tensors[i] = Payloads.TensorOf(bytes);
        }

        return tensors;
    }

    /// <summary>Reads one reply.</summary>
    public async Task<StageReply> ReadAsync(StageArrival arrival, CancellationToken cancellationToken) => StageReplyCodec.Read(
        arrival.Reply is { } inline ? Convert.FromBase64String(inline)
        : await payloads.FindAsync(arrival.Token!, cancellationToken) ?? throw new FormatException("A stage's answer is gone from the store."));
}
