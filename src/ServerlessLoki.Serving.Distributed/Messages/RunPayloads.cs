using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Payloads that are stored for a run. Each token is recorded in the state store, so that the run's end deletes all of them, also
/// those of duplicate, late or failed answers, which the run itself does not keep.</summary>
internal sealed class RunPayloads(IStateStore state, IPayloadStore payloads)
{
    /// <summary>Stores bytes for a run.</summary>
    public async ValueTask<string> PutAsync(string run, DateTimeOffset created, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var token = await payloads.PutAsync(bytes, cancellationToken);
        // A crash in between leaves it to the rule that deletes what is old.
        await state.AddSampleAsync(Series(run), token, created, "", cancellationToken);
        return token;
    }

    /// <summary>Deletes everything that was stored for a run.</summary>
    public async Task DeleteAsync(string run, CancellationToken cancellationToken)
    {
        var noted = await state.SamplesAsync(Series(run), DateTimeOffset.UnixEpoch, cancellationToken);
        if (noted.Count == 0)
            return;
        foreach (var token in noted.Select(n => n.Source).Distinct(StringComparer.Ordinal))
            await payloads.DeleteAsync(token, cancellationToken);
        await state.PruneSamplesAsync(Series(run), noted[^1].Second.AddSeconds(1), cancellationToken);
    }

    private static string Series(string run) => $"payloads-{run}";
}
