using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.Runs;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Dispatch;
using ServerlessLoki.Tests.Shared;

namespace ServerlessLoki.Serving.Distributed.Tests.Runs;

/// <summary>A run's joins over random graphs, as an orchestrator goes through them.</summary>
public sealed class RunBooksTests
{
    [Fact]
    public void Of_AnyGraphUntilNothingIsReady_RunsEachJoinOnceAndAllCreditReturns()
    {
        var joins = 0;
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var graph = JoinGraphs.Random(random);
            var replies = new List<StageReply>();
            Serve(graph, 0, new StageReply { QueryId = "q", Pipeline = "g", Task = "t0", Variant = "v0", Worker = "w" }, replies);
            RunBooks books;
            while (true)
            {
                random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(replies));
                books = RunBooks.Of(graph, TransformRegistry.Default, replies, [.. replies.Select(_ => RowTensor.Of(1))]);
                if (books.Ready.Count == 0)
                    break;
                joins += books.Ready.Count;
                Assert.True(books.Returned < Credit.Whole.Length);
                foreach (var join in books.Ready)
                {
                    var fork = books.ForkOf(join);
                    Assert.Equal((join.Fork.Task, join.Fork.Credit), (graph.FindTask(fork.Task)!.Index, fork.Credit));
                    Serve(graph, join.Task, fork with { Task = $"t{join.Task}", Variant = $"v{join.Task}", ParentTask = fork.Task, ParentStart = fork.Credit.Start, Credit = join.Credit }, replies);
                }
            }

            Assert.Equal(Credit.Whole.Length, books.Returned);
            Assert.Distinct(replies.Select(r => (r.Task, r.Credit.Start)));
            var result = RunAnswers.Join(graph, TransformRegistry.Default, "q", replies, [.. replies.Select(_ => RowTensor.Of(1))], TimeSpan.Zero, 1);
            Assert.Equal((QueryOutcome.Completed, replies.Count), (result.Outcome, result.Answers.Count));

            // One answer less, and the run is not complete.
            var missing = replies[random.Next(replies.Count)];
            if (replies.Count > 1 && missing.ParentTask is not null)
                Assert.Throws<FormatException>(() => RunAnswers.Join(graph, TransformRegistry.Default, "q", [.. replies.Where(r => r != missing)], [.. replies.Skip(1).Select(_ => RowTensor.Of(1))], TimeSpan.Zero, 1));
        }).Check(Properties.Cases(300));
        Assert.True(joins > 100, $"{joins} joins");
    }

    /// <summary>Each task hands a tensor on along each of its edges.</summary>
    private static void Serve(Pipeline graph, int task, StageReply reply, List<StageReply> replies)
    {
        replies.Add(reply);
        List<(int Edge, int Row)> children = [.. graph.Tasks[task].Outgoing.Select(e => (e.Index, -1))];
        foreach (var part in Passages.Of(graph, task, reply.Credit, null, [], RowTensor.Of(1), children).Parts.Where(p => p.Kind == PassageKind.Child))
        {
            Serve(
                graph, part.Task,
                reply with { Task = $"t{part.Task}", Variant = $"v{part.Task}", ParentTask = reply.Task, ParentStart = reply.Credit.Start, Credit = part.Credit }, replies);
        }
    }
}
