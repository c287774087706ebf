using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Timers;

/// <summary>Locks by leases of blobs in the app's storage account, as in the real host.</summary>
internal sealed partial class BlobLocks(string connectionString, string hostId, TimeProvider time, ILogger logger) : ISingletonLocks
{
    private const string Container = "azure-webjobs-hosts";
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    public async Task<IHeldLock> AcquireAsync(string name, CancellationToken cancellationToken)
    {
        for (string? told = null; ;)
        {
            try
            {
                var container = new BlobContainerClient(connectionString, Container);
                var blob = container.GetBlobClient($"locks/{hostId}/{name}.Listener");
                await EnsureAsync(container, blob, cancellationToken);
                var lease = blob.GetBlobLeaseClient();
                await lease.AcquireAsync(Length, cancellationToken: cancellationToken);
                return new HeldLease(lease, time);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                var cause = exception is RequestFailedException { ErrorCode: var code } && code == BlobErrorCode.LeaseAlreadyPresent ? "another host holds it" : exception.GetBaseException().Message;
                if (cause != told)
                    LogWaiting(logger, name, told = cause);
                await Task.Delay(Step, time, cancellationToken);
            }
        }
    }

    private static async Task EnsureAsync(BlobContainerClient container, BlobClient blob, CancellationToken cancellationToken)
    {
        if (await blob.ExistsAsync(cancellationToken))
            return;
        await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        try
        {
            await blob.UploadAsync(BinaryData.FromString(""), cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status is 409 or 412)
        {
            // Another host was quicker.
        }
    }

    private sealed class HeldLease : IHeldLock
    {
        private readonly BlobLeaseClient _lease;
        private readonly TimeProvider _time;
        private readonly CancellationTokenSource _lost = new();
        private readonly CancellationTokenSource _released = new();
        private readonly Task _renewing;

        public HeldLease(BlobLeaseClient lease, TimeProvider time)
        {
            (_lease, _time) = (lease, time);
            _renewing = RenewAsync();
        }

        public CancellationToken Lost => _lost.Token;

        public async ValueTask DisposeAsync()
        {
            await _released.CancelAsync();
            await _renewing;
            using var limit = new CancellationTokenSource(Step);
            try
            {
                await _lease.ReleaseAsync(cancellationToken: limit.Token);
            }
            catch (Exception)
            {
                // The storage may be away for as long as it likes: the lease ends by itself.
            }

            _lost.Dispose();
            _released.Dispose();
        }

        private async Task RenewAsync()
        {
            var renewed = _time.GetTimestamp();
            while (!_released.IsCancellationRequested)
            {
                try
                {
                    await Task.Delay(Step, _time, _released.Token);
                    using var limit = CancellationTokenSource.CreateLinkedTokenSource(_released.Token);
                    limit.CancelAfter(Step);
                    await _lease.RenewAsync(cancellationToken: limit.Token);
                    renewed = _time.GetTimestamp();
                }
                catch (Exception exception) when (!_released.IsCancellationRequested)
                {
                    if (exception is RequestFailedException { Status: 404 or 409 or 412 } || _time.GetElapsedTime(renewed) + Step > Length)
                    {
                        await _lost.CancelAsync();
                        return;
                    }
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    [LoggerMessage(40, LogLevel.Information, "The lock of timer {Timer} is waited for: {Cause}")]
    private static partial void LogWaiting(ILogger logger, string timer, string cause);
}
