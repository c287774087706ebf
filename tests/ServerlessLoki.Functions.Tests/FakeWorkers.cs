using System.Collections.Concurrent;
using System.Collections.Immutable;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Functions.Tests;

/// <summary>All workers: what is sent to a stage queue is answered through the bus, as the test says.</summary>
internal sealed class FakeWorkers : IStageSender
{
    private readonly Lock _gate = new();
    private Task _turn = Task.CompletedTask;

    public IStageReplies Replies { get; set; } = null!;

    public ConcurrentQueue<StageMessage> Sent { get; } = new();

    /// <summary>Rows of a stage's answer; null = it is never answered.</summary>
    public Func<StageMessage, ImmutableArray<OutputRow>?> Rows { get; set; } = m => m.Task == "detect" ? [Car(0.1f), Car(0.3f), Person(0.6f)] : [new OutputRow(1, 0.8f, 0, 0, 0, 0)];

    /// <summary>The raw row of a stage's answer; null = it has none.</summary>
    public Func<StageMessage, StagePayload?> Tensor { get; set; } = _ => null;

    /// <summary>Why a stage fails; null = it does not.</summary>
    public Func<StageMessage, StageFailure?> Failure { get; set; } = _ => null;

    /// <summary>How often each reply is sent; a failure each time in other words, as by workers that find it one after another.</summary>
    public int Copies { get; set; } = 1;

    public static OutputRow Car(float x) => new(0, 0.9f, x, 0.1f, x + 0.1f, 0.2f);

    public static OutputRow Person(float x) => new(1, 0.7f, x, 0.1f, x + 0.1f, 0.2f);

    /// <summary>One worker takes one message after the other, and so long for each; null = each is answered at once.</summary>
    public TimeSpan? Pace { get; set; }

    public async ValueTask SendAsync(StageKey key, StageMessage message, CancellationToken cancellationToken)
    {
        Sent.Enqueue(message);
        Assert.Equal(message.Key, key);
        Assert.True(message.ReturnOnly);
        if (Pace is { } pace)
        {
            lock (_gate)
                _turn = AnswerInTurnAsync(_turn, message, pace);
            return;
        }

        await AnswerAsync(message, cancellationToken);
    }

    private async Task AnswerInTurnAsync(Task before, StageMessage message, TimeSpan pace)
    {
        await before;
        await Task.Delay(pace);
        await AnswerAsync(message, CancellationToken.None);
    }

    private async Task AnswerAsync(StageMessage message, CancellationToken cancellationToken)
    {
        if (Rows(message) is not { } rows)
            return;
        var failure = Failure(message);
        var worker = $"fake-{Sent.Count}";
        for (var i = 0; i < Copies; i++)
        {
            await Replies.SendAsync(
                message.ReplyTo,
                new StageReply
                {
                    QueryId = message.QueryId, Pipeline = message.Pipeline, Task = message.Task, Variant = message.Variant,
                    ParentTask = message.ParentTask, ParentStart = message.ParentStart, ParentStamp = message.ParentStamp, ParentRow = message.ParentRow,
                    Credit = message.Credit, Round = message.Round, Accuracy = message.Accuracy, Rows = failure is null ? rows : [], Tensor = failure is null ? Tensor(message) : null, Failure = failure is null || i == 0 ? failure : failure with { Error = $"{failure.Error} ({i})" }, Worker = worker,
                },
                cancellationToken);
        }
    }
}
