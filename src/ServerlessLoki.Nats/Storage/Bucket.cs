using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using ServerlessLoki.Nats.Connection;

namespace ServerlessLoki.Nats.Storage;

/// <summary>Bucket of values by key with revisions, laid out like a bucket of NATS' key-value store, so that <c>nats kv</c> shows it. The
/// stream is created at first use where it is missing.</summary>
/// <remarks>A deleted value leaves nothing behind, unlike those of the key-value store, whose marks would pile up with keys that are used
/// once. A write that is tried again has the same message id, so the server answers it with the first try's revision.</remarks>
internal sealed class Bucket(NatsLink link, string name, TimeSpan age)
{
    /// <summary>Time within which a repeated write is recognised.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(2);

    private const int StreamNameTaken = 10058;

    /// <summary>Two processes made the same stream at the same time.</summary>
    private const int SubjectsOverlap = 10065;
    private const int StreamNotFound = 10059;
    private const int MessageNotFound = 10057;
    private const int NoMessageFound = 10037;
    private const int WrongLastSequence = 10071;

    /// <summary>Most entries of one pull: well below what the client buffers.</summary>
    private const int Pull = 1000;
    private readonly string _stream = "KV_" + link.Names.Bucket(name);
    private readonly string _root = $"$KV.{link.Names.Bucket(name)}.";
    private volatile bool _isOpen;

    /// <summary>Returns the last entry of a key, or of the keys of a filter; null where there is none.</summary>
    public Task<BucketEntry?> FindAsync(string key, CancellationToken cancellationToken) => RunAsync<BucketEntry?>(
        "find",
        async stop =>
        {
            var literal = !key.Contains('*', StringComparison.Ordinal) && !key.EndsWith('>');
            var subject = $"{link.JetStream.Opts.Prefix}.DIRECT.GET.{_stream}";
            var found = literal
                ? await link.Connection.RequestAsync<byte[], byte[]>($"{subject}.{_root}{key}", null, replyOpts: Reply, cancellationToken: stop)
                : await link.Connection.RequestAsync<byte[], byte[]>(
                    subject, System.Text.Encoding.UTF8.GetBytes($$"""{"last_by_subj":"{{_root}}{{key}}"}"""), replyOpts: Reply, cancellationToken: stop);
            if (found.Headers is not { } headers || !headers.TryGetValue("Nats-Sequence", out var sequence))
                return found.Headers?.Code == 404 ? null : throw new NatsJSException($"The server answered without a sequence: {found.Headers?.Code} {found.Headers?.MessageText}");
            return new BucketEntry(headers["Nats-Subject"].ToString()[_root.Length..], ulong.Parse(sequence.ToString(), null), found.Data ?? [], headers);
        },
        cancellationToken);

    /// <summary>Writes a value.</summary>
    /// <param name="key">Key of the value.</param>
    /// <param name="value">Bytes; read until the call returns.</param>
    /// <param name="expected">Revision that is to be replaced, 0 = none may be there; null = whatever is there.</param>
    /// <param name="headers">Headers of the value.</param>
    /// <param name="cancellationToken">Stops the call; the value may have been written.</param>
    /// <returns>New revision; null if the present one is not the expected.</returns>
    public Task<ulong?> PutAsync(string key, ReadOnlyMemory<byte> value, ulong? expected, NatsHeaders? headers, CancellationToken cancellationToken)
    {
        var write = Guid.NewGuid().ToString("N");
        return RunAsync(
            "put",
            async stop =>
            {
                var all = headers is null ? [] : new NatsHeaders(headers.ToDictionary(StringComparer.Ordinal));
                var ack = await link.JetStream.PublishAsync(
                    _root + key, value, opts: new NatsJSPubOpts { MsgId = write, ExpectedLastSubjectSequence = expected, RetryAttempts = 1, RetryWaitBetweenAttempts = link.Options.Pause }, headers: all, cancellationToken: stop);
                return ack.Error switch
                {
                    null => ack.Seq,
                    { ErrCode: WrongLastSequence } => (ulong?)null,
                    var error => throw new NatsJSApiException(error),
                };
            },
            cancellationToken);
    }

    /// <summary>Deletes an entry. False if it is no longer there.</summary>
    public Task<bool> DeleteAsync(ulong revision, CancellationToken cancellationToken) => RunAsync(
        "delete",
        async stop =>
        {
            try
            {
                return (await link.JetStream.DeleteMessageAsync(_stream, new StreamMsgDeleteRequest { Seq = revision, NoErase = true }, stop)).Success;
            }
            catch (NatsJSApiException e) when (e.Error.ErrCode is MessageNotFound or NoMessageFound || e.Error.Code == 404)
            {
                return false;
            }
        },
        cancellationToken);

    /// <summary>Deletes all entries of a filter.</summary>
    public Task PurgeAsync(string filter, CancellationToken cancellationToken) => RunAsync(
        "purge",
        async stop => (await link.JetStream.PurgeStreamAsync(_stream, new StreamPurgeRequest { Filter = _root + filter }, stop)).Success,
        cancellationToken);

    /// <summary>Counts the entries of a filter.</summary>
    public Task<ulong> CountAsync(string filter, CancellationToken cancellationToken) => RunAsync(
        "count",
        async stop =>
        {
            var consumer = await ConsumerAsync(filter, 0, headersOnly: true, stop);
            await DropAsync(consumer, stop);
            return consumer.Info.NumPending;
        },
        cancellationToken);

    /// <summary>Lists the entries of a filter in the order in which they were written.</summary>
    /// <param name="filter">Key, or keys by <c>*</c> and <c>&gt;</c>.</param>
    /// <param name="after">Only entries of later revisions.</param>
    /// <param name="headersOnly">True to leave the values out.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    public Task<List<BucketEntry>> ListAsync(string filter, ulong after, bool headersOnly, CancellationToken cancellationToken) => RunAsync(
        "list",
        async stop =>
        {
            var consumer = await ConsumerAsync(filter, after, headersOnly, stop);
            var entries = new List<BucketEntry>();
            for (var left = consumer.Info.NumPending; left > 0;)
            {
                var before = entries.Count;
                var batch = new NatsJSFetchOpts { MaxMsgs = (int)Math.Min(left, Pull), Expires = link.Options.TryTimeout + TimeSpan.FromSeconds(1) };
                await foreach (var message in consumer.FetchAsync<byte[]>(batch, cancellationToken: stop))
                {
                    entries.Add(new BucketEntry(message.Subject[_root.Length..], message.Metadata!.Value.Sequence.Stream, message.Data ?? [], message.Headers));
                    left = Math.Min(left - 1, message.Metadata.Value.NumPending);
                }

                stop.ThrowIfCancellationRequested();
                if (entries.Count == before)
                    throw new NatsJSException($"{left} entries of {_root}{filter} did not come.");
            }

            await DropAsync(consumer, stop);
            return entries;
        },
        cancellationToken);

    private NatsSubOpts Reply => new() { Timeout = link.Options.TryTimeout, ThrowIfNoResponders = true };

    private async Task<INatsJSConsumer> ConsumerAsync(string filter, ulong after, bool headersOnly, CancellationToken cancellationToken) =>
        await link.JetStream.CreateOrUpdateConsumerAsync(
            _stream,
            new ConsumerConfig
            {
                Name = "list-" + Guid.NewGuid().ToString("N"),
                FilterSubject = _root + filter,
                DeliverPolicy = after == 0 ? ConsumerConfigDeliverPolicy.All : ConsumerConfigDeliverPolicy.ByStartSequence,
                OptStartSeq = after == 0 ? 0 : after + 1,
                AckPolicy = ConsumerConfigAckPolicy.None,
                HeadersOnly = headersOnly,
                MemStorage = true,
                NumReplicas = 1,
                InactiveThreshold = TimeSpan.FromSeconds(30),
            },
            cancellationToken);

    private async Task DropAsync(INatsJSConsumer consumer, CancellationToken cancellationToken)
    {
        try
        {
            await link.JetStream.DeleteConsumerAsync(_stream, consumer.Info.Name, cancellationToken);
        }
        catch (NatsJSApiException)
        {
            // The server drops it by itself.
        }
    }

    private Task<T> RunAsync<T>(string operation, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) => link.Call.RunAsync(
        $"{name}.{operation}",
        async stop =>
        {
            if (!_isOpen)
                await OpenAsync(stop);
            try
            {
                return await call(stop);
            }
            catch (Exception e) when (e is NatsNoReplyException or NatsNoRespondersException or NatsJSPublishNoResponseException || e is NatsJSApiException { Error.ErrCode: StreamNotFound })
            {
                // A server answers no direct read of a stream that it does not have: the next try looks.
                _isOpen = false;
                throw new NatsJSException($"Bucket {link.Names.Bucket(name)} did not answer {operation}.", e);
            }
        },
        cancellationToken);

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await link.JetStream.GetStreamAsync(_stream, cancellationToken: cancellationToken);
        }
        catch (NatsJSApiException e) when (e.Error.Code == 404)
        {
            await MakeAsync(cancellationToken);
        }

        _isOpen = true;
    }

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await link.JetStream.CreateStreamAsync(
                new StreamConfig(_stream, [_root + ">"])
                {
                    MaxMsgsPerSubject = 1,
                    MaxAge = age,
                    Storage = StreamConfigStorage.File,
                    NumReplicas = link.Options.Replicas,
                    DuplicateWindow = age > TimeSpan.Zero && age < Window ? age : Window,
                    AllowDirect = true,
                    AllowRollupHdrs = true,
                },
                cancellationToken);
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode is StreamNameTaken or SubjectsOverlap)
        {
            // Another process has just made it.
        }
    }
}
