using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.TestUtils;

/// <summary>Items whose scope is their message: what the engine would make of it does not matter to a queue.</summary>
internal sealed class FakeItems : IStageItems
{
    /// <summary>Queries that this process refuses to read.</summary>
    public HashSet<string> Refused { get; } = [];

    public static StageMessage MessageOf(StageItem item) => ((Scope)item.Scope).Message;

    public static StageItem Item(StageMessage message, int deliveries = 0) => new()
    {
        Scope = new Scope(message)
        {
            Pipeline = 0,
            ArrivalUs = 0,
            DeadlineUs = long.MaxValue,
            OrderUs = message.Deadline?.ToUnixTimeMilliseconds() * 1000 ?? long.MaxValue - 1,
        },
        Task = 0,
        Variant = 0,
        Credit = message.Credit,
        Attempts = message.Attempts + deliveries,
    };

    public ValueTask<StageMessage> MessageOfAsync(StageItem item, CancellationToken cancellationToken) => new(MessageOf(item));

    public ValueTask<StageItem> ItemOfAsync(StageMessage message, int deliveries, CancellationToken cancellationToken) =>
        Refused.Contains(message.QueryId) ? throw new FormatException("Task 'x' is unknown.") : new(Item(message, deliveries));

    private sealed class Scope(StageMessage message) : QueryScope
    {
        public StageMessage Message { get; } = message;

        public override QueryInput? Input => null;

        public override bool HasEnded => false;

        public override void Report(StageItem item, OutputRow[] rows, RowTensor? tensor, int children)
        {
        }

        public override void Fail(QueryOutcome outcome, string error, TimeSpan? retryAfter = null)
        {
        }

        protected override void FreeInput()
        {
        }
    }
}
