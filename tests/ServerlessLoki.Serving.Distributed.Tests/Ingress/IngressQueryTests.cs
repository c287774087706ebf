using FsCheck;
using FsCheck.Fluent;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Ingress;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Tests.Shared;

namespace ServerlessLoki.Serving.Distributed.Tests.Ingress;

/// <summary>The join of replies that come in any order, more than once, and from answers that were given twice and differ.</summary>
public sealed class IngressQueryTests
{
    private static readonly Pipeline Pipeline = PipelineReader.Read(TestEngine.Traffic, "test");

    [Fact]
    public void Take_AnyOrderWithRepetitionsAndRivalAnswers_CountsOneAnswerOfEach() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var (query, remote, counted) = New();
            // The root was served twice: by another variant, with other children. Whichever comes first counts, and only its children.
            var first = Answer("look-l", random.Next(6), random);
            var second = Answer("look-s", random.Next(6), random);
            var all = first.Concat(second).SelectMany(r => Enumerable.Repeat(r, random.Next(1, 4))).ToArray();
            random.Shuffle(all);
            foreach (var reply in all)
                remote.Take(reply);
            var root = all.First(r => r.ParentTask is null);
            var expected = root.Variant == "look-l" ? first : second;
            Assert.True(query.Result.IsCompleted);
            var result = query.Result.Result;
            Assert.Equal((QueryOutcome.Completed, expected.Count, expected.Count), (result.Outcome, result.Answers.Count, counted.Count));
            Assert.Equal(expected.Skip(1).Select(r => r.ParentRow).Order(), result.Answers.Skip(1).Select(a => a.ParentRow).Order());
            Assert.All(result.Answers.Skip(1), a => Assert.Equal(0, a.Parent));
            Assert.Equal(root.Variant, Pipeline.Root.Variants[result.Answers[0].Variant].Name);
        }).Check(Properties.Cases(500));

    [Fact]
    public async Task Take_ChildServedByTwoVariants_CountsTheFirst()
    {
        var (query, remote, counted) = New();
        var answer = Answer("look-l", 2, new Random(1));
        remote.Take(answer[0]);
        remote.Take(answer[1]);
        remote.Take(answer[1] with { Variant = answer[1].Task + "-s" });
        Assert.False(query.Result.IsCompleted);
        remote.Take(answer[2]);
        Assert.Equal((QueryOutcome.Completed, 3), ((await query.Result).Outcome, counted.Count));
    }

    [Fact]
    public async Task Take_FailureOfARivalAnswersChild_IsNotTheQuerys()
    {
        var (query, remote, _) = New();
        var (ours, rivals) = (Answer("look-l", 2, new Random(1)), Answer("look-s", 2, new Random(2)));
        var failure = new StageFailure(QueryOutcome.Expired, "late");
        remote.Take(rivals[1] with { Failure = failure });
        remote.Take(ours[0]);
        remote.Take(rivals[2] with { Failure = failure });
        remote.Take(ours[1]);
        remote.Take(ours[1] with { Failure = failure });
        Assert.False(query.Result.IsCompleted);
        remote.Take(ours[2] with { Failure = failure });
        var result = await query.Result;
        Assert.Equal((QueryOutcome.Expired, "late"), (result.Outcome, result.Error));
    }

    [Fact]
    public void Take_NamesThatThePipelineLacks_AreRefused()
    {
        var (_, remote, _) = New();
        var root = Answer("look-l", 0, new Random(1))[0];
        Assert.Throws<FormatException>(() => remote.Take(root with { Task = "other" }));
        Assert.Throws<FormatException>(() => remote.Take(root with { Variant = "other" }));
    }

    /// <summary>A root's answer and those of its children, which come along both edges.</summary>
    private static List<StageReply> Answer(string variant, int children, Random random)
    {
        OutputRow[] rows = [.. Enumerable.Range(0, children).Select(i => new OutputRow(i % 2, random.NextSingle(), 0, 0, 1, 1))];
        var root = new StageReply { QueryId = "q", Pipeline = "p", Task = "look", Variant = variant, Rows = [.. rows], Children = children, Worker = "w" };
        return [root, .. rows.Select((r, i) => new StageReply
        {
            QueryId = "q",
            Pipeline = "p",
            Task = r.Label == 0 ? "car" : "man",
            Variant = r.Label == 0 ? "car-l" : "man-l",
            ParentTask = "look",
            ParentStamp = AnswerStamp.Of(variant, rows, []),
            ParentRow = i,
            Credit = Credit.Whole.Split(i, children),
            Rows = [new OutputRow(0, 1, 0, 0, 0, 0)],
            Worker = "w",
        })];
    }

    [Fact]
    public void CountIn_FirstAnswerOrEnd_IsCountedOnceAndNoMore()
    {
        var unanswered = new UnansweredWork(1);
        var (answered, forgotten) = (New().Remote, New().Remote);
        answered.CountIn(unanswered);
        forgotten.CountIn(unanswered);
        Assert.Equal(2, unanswered.Of(0));

        foreach (var reply in Answer("look-l", 3, new Random(1)))
            answered.Take(reply);
        Assert.Equal(1, unanswered.Of(0));

        answered.Forget();
        forgotten.Forget();
        forgotten.Forget();
        Assert.Equal(0, unanswered.Of(0));
    }

    private static (PendingQuery Query, IngressQuery Remote, List<int> Counted) New()
    {
        var counted = new List<int>();
        var query = new PendingQuery("q", Pipeline, new FakeInput(), new ServingClock(TimeProvider.System), new PipelineMetrics("p"), 1, _ => { })
        {
            Pipeline = 0, ArrivalUs = 0, DeadlineUs = long.MaxValue, OrderUs = 0,
        };
        return (query, new IngressQuery(
            query, Pipeline,
            (task, _, _) =>
            {
                counted.Add(task);
                return [];
            },
            _ => Assert.Fail("There is no join.")), counted);
    }
}
