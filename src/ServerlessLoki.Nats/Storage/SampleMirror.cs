using System.Globalization;
using System.Text;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Nats.Storage;

/// <summary>Copy of one series' samples in this process. Minutes of samples are asked for each second, so only new ones are fetched.</summary>
internal sealed class SampleMirror(Bucket bucket, string series) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly string _filter = NatsNames.Part(series) + ".>";
    private readonly Dictionary<string, StoredSample> _samples = new(StringComparer.Ordinal);
    private ulong _seen;

    /// <summary>Longest time before the newest sample that was asked for. What is older is forgotten here.</summary>
    private TimeSpan _span;

    /// <summary>True in a process that prunes: it must know all samples that are there.</summary>
    private bool _keepsAll;

    public static string Key(string series, DateTimeOffset second, string source) =>
        $"{NatsNames.Part(series)}.{second.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}.{NatsNames.Part(source)}";

    public async Task<IReadOnlyList<StoredSample>> SinceAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await FetchAsync(cancellationToken);
            if (Newest - since is var span && span > _span)
            {
                _span = span;
                if (!_keepsAll)
                    await BeginAsync(cancellationToken);
            }

            return [.. _samples.Values.Where(s => s.Second >= since).OrderBy(s => s.Second).ThenBy(s => s.Source, StringComparer.Ordinal)];
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task PruneAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!_keepsAll)
            {
                _keepsAll = true;
                await BeginAsync(cancellationToken);
            }

            await FetchAsync(cancellationToken);
            foreach (var second in _samples.Where(s => s.Value.Second < before).GroupBy(s => s.Value.Second).ToList())
            {
                await bucket.PurgeAsync($"{NatsNames.Part(series)}.{second.Key.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}.>", cancellationToken);
                foreach (var (key, _) in second)
                    _samples.Remove(key);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private DateTimeOffset Newest => _samples.Count == 0 ? DateTimeOffset.MinValue : _samples.Values.Max(s => s.Second);

    /// <summary>Reads everything again.</summary>
    private Task BeginAsync(CancellationToken cancellationToken)
    {
        _seen = 0;
        _samples.Clear();
        return FetchAsync(cancellationToken);
    }

    /// <summary>Fetches what was written since the last call.</summary>
    private async Task FetchAsync(CancellationToken cancellationToken)
    {
        var last = (await bucket.FindAsync(_filter, cancellationToken))?.Revision ?? 0;
        // The stream was made again: its revisions begin again too.
        if (last < _seen)
            (_seen, _) = (0, Forget());
        if (last == _seen)
            return;
        foreach (var entry in await bucket.ListAsync(_filter, _seen, headersOnly: false, cancellationToken))
        {
            _seen = Math.Max(_seen, entry.Revision);
            if (Read(entry) is { } sample)
                _samples[entry.Key] = sample;
        }

        if (_keepsAll || _samples.Count == 0)
            return;
        var oldest = Newest - _span;
        foreach (var key in _samples.Where(s => s.Value.Second < oldest).Select(s => s.Key).ToList())
            _samples.Remove(key);
    }

    private bool Forget()
    {
        _samples.Clear();
        return true;
    }

    private static StoredSample? Read(BucketEntry entry) =>
        entry.Header(NatsSamples.Source) is { } source && entry.Key.Split('.') is [_, var second, _]
            && long.TryParse(second, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            ? new StoredSample(Uri.UnescapeDataString(source), DateTimeOffset.FromUnixTimeSeconds(seconds), Encoding.UTF8.GetString(entry.Value))
            : null;
}
