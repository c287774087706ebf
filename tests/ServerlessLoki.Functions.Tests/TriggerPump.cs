using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using ServerlessLoki.Functions.Durable;
using ServerlessLoki.Serving.Distributed.Runs;

namespace ServerlessLoki.Functions.Tests;

/// <summary>Calls <see cref="StageResults"/> for each message, as the host's trigger does.</summary>
internal sealed class TriggerPump : IAsyncDisposable
{
    private const int Concurrent = 32;
    private readonly ServiceBusClient _client;
    private readonly ServiceBusProcessor _processor;

    private TriggerPump(string connection)
    {
        _client = new ServiceBusClient(connection);
        _processor = _client.CreateProcessor(RunSteps.ReplyTo, new ServiceBusProcessorOptions { AutoCompleteMessages = false, MaxConcurrentCalls = Concurrent });
    }

    public static async Task<TriggerPump> StartAsync(string connection, StageResults function, DurableTaskClient client)
    {
        var pump = new TriggerPump(connection);
        pump._processor.ProcessMessageAsync += args => function.Receive(args.Message, new Actions(args), client, args.CancellationToken);
        pump._processor.ProcessErrorAsync += _ => Task.CompletedTask;
        await pump._processor.StartProcessingAsync(TestContext.Current.CancellationToken);
        return pump;
    }

    public async ValueTask DisposeAsync()
    {
        await _processor.DisposeAsync();
        await _client.DisposeAsync();
    }

    /// <summary>Settles by the processor, which holds the locks.</summary>
    private sealed class Actions(ProcessMessageEventArgs args) : ServiceBusMessageActions
    {
        public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
            args.CompleteMessageAsync(message, cancellationToken);

        public override Task DeadLetterMessageAsync(
            ServiceBusReceivedMessage message, Dictionary<string, object>? propertiesToModify = default, string? deadLetterReason = default,
            string? deadLetterErrorDescription = default, CancellationToken cancellationToken = default) =>
            args.DeadLetterMessageAsync(message, propertiesToModify, deadLetterReason, deadLetterErrorDescription, cancellationToken);
    }
}
