using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Accounts of one query's joins: what has arrived, and how much weight can still lead to each join. Not thread-safe.</summary>
/// <remarks>
/// An item whose branches meet again keeps a part of its weight for each join and divides the rest among its children. All of
/// the item's weight is in the join's account at first: parts leave it when they arrive, end, or pass to a task from which no way
/// leads to the join. An empty account means that nothing more can come, exactly and whatever the order of the news, because the
/// account is a sum of parts that make up the whole. The join then runs with the part that was kept for it, or, when nothing
/// arrived, that part goes back to the query, and out of the accounts of the joins further on.
/// </remarks>
internal sealed class JoinLedger(Pipeline graph)
{
    private readonly Dictionary<(int Task, UInt128 Start), Account> _accounts = [];

    /// <summary>Updates the accounts after an item was served.</summary>
    /// <param name="item">Item that was served.</param>
    /// <param name="inner">Fork that the item's children refer to: the item itself as a fork, or the fork that it refers to.</param>
    /// <param name="passages">Parts of the item; empty = it ended without children.</param>
    /// <param name="ready">Receives the joins that are to run.</param>
    /// <returns>Weight that goes back to the query, in addition to that of an item without children.</returns>
    public UInt128 Book(StageItem item, Fork? inner, IReadOnlyList<Passage> passages, List<ReadyJoin> ready)
    {
        UInt128 returned = 0;
        foreach (var passage in passages)
        {
            if (passage.Kind == PassageKind.Kept)
                _accounts[(passage.Task, item.Credit.Start)] = new Account(passage.Credit, inner!) { Left = item.Credit.Length };
        }

        foreach (var passage in passages)
        {
            if (passage.Kind == PassageKind.Arrival)
                returned += passage.Credit.Length;
            returned += Pass(item, inner, item.Task, passage, ready);
        }

        return passages.Count == 0 ? returned + Pass(item, inner, item.Task, new Passage(PassageKind.Arrival, -1, item.Credit), ready) : returned;
    }

    // A part goes from one task to another: it leaves the accounts of the joins that it could lead to and no longer can.
    private UInt128 Pass(StageItem? item, Fork? inner, int from, in Passage passage, List<ReadyJoin> ready)
    {
        UInt128 returned = 0;
        for (var fork = inner; fork is not null; fork = fork.Outer)
        {
            foreach (var join in graph.Joins[fork.Task])
            {
                var wasOpen = from == fork.Task || graph.Reaches(from, join);
                var isOpen = passage.Kind != PassageKind.Arrival && graph.Reaches(passage.Task, join);
                if (!wasOpen || isOpen || !_accounts.TryGetValue((join, fork.Credit.Start), out var account))
                    continue;
                if (passage.Kind == PassageKind.Arrival && passage.Task == join)
                    account.Arrivals.Add((item!, passage.Credit, passage.Input!));
                account.Left -= passage.Credit.Length;
                if (account.Left == 0)
                    returned += Close(join, account, ready);
            }
        }

        return returned;
    }

    private UInt128 Close(int join, Account account, List<ReadyJoin> ready)
    {
        if (account.Arrivals.Count > 0)
        {
            account.Arrivals.Sort((a, b) => a.Credit.Start.CompareTo(b.Credit.Start));
            ready.Add(new ReadyJoin(join, account.Kept, account.Fork, account.Arrivals));
            return 0;
        }

        return account.Kept.Length + Pass(null, account.Fork, join, new Passage(PassageKind.Arrival, -1, account.Kept), ready);
    }

    private sealed class Account(Credit kept, Fork fork)
    {
        public Credit Kept { get; } = kept;

        public Fork Fork { get; } = fork;

        public UInt128 Left { get; set; }

        public List<(StageItem From, Credit Credit, JoinInput Input)> Arrivals { get; } = [];
    }
}
