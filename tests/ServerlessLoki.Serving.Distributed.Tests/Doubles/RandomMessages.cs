using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Tests.Doubles;

/// <summary>Messages with every field set, from a seed.</summary>
internal static class RandomMessages
{
    private static readonly string[] Names = ["detect", "größe", "", "a/b c", "車", new string('x', 300)];

    public static StageMessage Message(Random random) => new()
    {
        QueryId = Name(random),
        ReplyTo = Name(random),
        Pipeline = Name(random),
        Task = Name(random),
        Variant = Name(random),
        Edge = random.Next(-1, 9),
        ParentTask = random.Next(2) == 0 ? null : Name(random),
        ParentStart = Part(random).Start,
        ParentStamp = (ulong)random.NextInt64(),
        ParentRow = random.Next(-1, 100),
        Region = Row(random),
        ItemKey = (ulong)random.NextInt64(),
        Credit = Part(random),
        Accuracy = random.NextDouble(),
        QueuedUs = random.NextInt64(),
        ComputedUs = random.NextInt64(),
        Attempts = random.Next(9),
        Round = random.Next(3),
        Arrival = Time(random),
        Enqueued = Time(random),
        Deadline = random.Next(2) == 0 ? null : Time(random),
        MinAccuracy = random.NextDouble(),
        WantsProbabilities = random.Next(2) == 0,
        PlanVersion = random.NextInt64(),
        ReturnOnly = random.Next(2) == 0,
        Input = Payload(random),
        Tensor = Payload(random),
        Arguments = Payload(random),
    };

    public static StageReply Reply(Random random) => new()
    {
        QueryId = Name(random),
        Pipeline = Name(random),
        Task = Name(random),
        Variant = Name(random),
        ParentTask = random.Next(2) == 0 ? null : Name(random),
        ParentStart = Part(random).Start,
        ParentStamp = (ulong)random.NextInt64(),
        ParentRow = random.Next(-1, 100),
        ItemKey = (ulong)random.NextInt64(),
        Credit = Part(random),
        Children = random.Next(9),
        Round = random.Next(3),
        Accuracy = random.NextDouble(),
        QueuedUs = random.NextInt64(),
        ComputedUs = random.NextInt64(),
        Rows = [.. Enumerable.Range(0, random.Next(9)).Select(_ => Row(random))],
        Tensor = Payload(random),
        Failure = random.Next(2) == 0
            ? null
            : new StageFailure((QueryOutcome)random.Next(1, 7), Name(random), random.Next(2) == 0 ? null : TimeSpan.FromTicks(random.NextInt64(1L << 40))),
        Worker = Name(random),
    };

    private static string Name(Random random) => Names[random.Next(Names.Length)];

    private static OutputRow Row(Random random) =>
        new(random.Next(), random.NextSingle(), random.NextSingle(), random.NextSingle(), random.NextSingle(), random.NextSingle()) { Points = Points(random) };

    private static RowPoints? Points(Random random)
    {
        var areCorners = random.Next(2) == 0;
        var width = areCorners ? 2 : random.Next(2, 4);
        return random.Next(2) == 0 ? null : new RowPoints([.. Enumerable.Range(0, width * (areCorners ? 4 : random.Next(1, 6))).Select(_ => random.NextSingle())], width) { AreCorners = areCorners };
    }

    private static DateTimeOffset Time(Random random) => new(random.NextInt64(DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero);

    private static Credit Part(Random random)
    {
        var credit = Credit.Whole;
        for (var depth = random.Next(5); depth > 0; depth--)
        {
            var children = random.Next(1, 9);
            credit = credit.Split(random.Next(children), children);
        }

        return credit;
    }

    private static StagePayload? Payload(Random random)
    {
        var (width, height) = (random.Next(1, 9), random.Next(1, 9));
        var bytes = new byte[width * height * 3];
        random.NextBytes(bytes);
        return random.Next(6) switch
        {
            0 => null,
            1 => new StagePayload { Kind = StagePayloadKind.Pixels, Width = width, Height = height, Bytes = bytes },
            2 => new StagePayload { Kind = StagePayloadKind.Pixels, Width = width, Height = height, Token = Name(random) },
            3 => new StagePayload { Kind = StagePayloadKind.Rows, Bytes = bytes },
            4 => PackedArrivals.Of([new JoinInput(random.Next(9), Row(random), RowTensor.Of(random.NextSingle()))]),
            _ => new StagePayload { Kind = random.Next(2) == 0 ? StagePayloadKind.Picture : StagePayloadKind.Tensor, Bytes = bytes },
        };
    }
}
