using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Tests.Shared;
using StageReplyWire = ServerlessLoki.Serving.Distributed.Messages.Wire.StageReply;

namespace ServerlessLoki.Serving.Distributed.Tests.Messages;

public sealed class CodecTests
{
    private static readonly Config Config = Properties.Cases(500);

    private static Arbitrary<int> Seeds => Gen.Choose(0, int.MaxValue).ToArbitrary();

    [Fact]
    public void Message_WrittenAndRead_IsTheSame() => Prop.ForAll(Seeds, seed =>
    {
        var message = RandomMessages.Message(new Random(seed));
        Assert.Equal(message, StageMessageCodec.Read(StageMessageCodec.Write(message)));
    }).Check(Config);

    [Fact]
    public void Reply_WrittenAndRead_IsTheSame() => Prop.ForAll(Seeds, seed =>
    {
        var reply = RandomMessages.Reply(new Random(seed));
        Assert.Equal(reply, StageReplyCodec.Read(StageReplyCodec.Write(reply)));
    }).Check(Config);

    [Fact]
    public void Read_DamagedBody_SaysWhereOrReadsAMessage() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var (message, reply) = (StageMessageCodec.Write(RandomMessages.Message(random)), StageReplyCodec.Write(RandomMessages.Reply(random)));
        foreach (var body in (byte[][])[Damage(message, random), Damage(reply, random)])
        {
            Refuses(() => StageMessageCodec.Write(StageMessageCodec.Read(body)));
            Refuses(() => StageReplyCodec.Write(StageReplyCodec.Read(body)));
        }

        static void Refuses(Action read)
        {
            // Whatever is not refused must be a message that can be handed on.
            if (Record.Exception(read) is { } exception)
                Assert.Matches("stage (message|reply)(, [^:]+)?: ", Assert.IsType<FormatException>(exception).Message);
        }
    }).Check(Config);

    [Fact]
    public void Read_EveryTruncation_IsRefused()
    {
        var (message, reply) = (StageMessageCodec.Write(RandomMessages.Message(new Random(7))), StageReplyCodec.Write(RandomMessages.Reply(new Random(7))));
        for (var length = 0; length < message.Length; length++)
            Assert.Throws<FormatException>(() => StageMessageCodec.Read(message.AsMemory(0, length)));
        for (var length = 0; length < reply.Length; length++)
            Assert.Throws<FormatException>(() => StageReplyCodec.Read(reply.AsMemory(0, length)));
        Assert.Throws<FormatException>(() => StageMessageCodec.Read(message.Append((byte)0).ToArray()));
        Assert.Throws<FormatException>(() => StageReplyCodec.Read(reply.Append((byte)0).ToArray()));
    }

    [Fact]
    public void Read_ForgedCreditOrVersion_NamesTheField()
    {
        var message = RandomMessages.Message(new Random(3)) with { Credit = new Credit(1, Credit.Whole.Length) };
        var exception = Assert.Throws<FormatException>(() => StageMessageCodec.Read(StageMessageCodec.Write(message)));
        Assert.Contains("stage message, credit: found", exception.Message, StringComparison.Ordinal);
        message = RandomMessages.Message(new Random(3)) with { ParentRow = -2 };
        exception = Assert.Throws<FormatException>(() => StageMessageCodec.Read(StageMessageCodec.Write(message)));
        Assert.Equal("stage message, parent_row: found -2, allowed is -1 or more.", exception.Message);
        exception = Assert.Throws<FormatException>(() => StageReplyCodec.Read(new StageReplyWire { Version = 9 }.ToByteArray()));
        Assert.Contains("version: found 9, allowed is 4", exception.Message, StringComparison.Ordinal);
        // A message and a reply of version 3, whose first field was the query's id.
        byte[] before = [0x0A, 9, .. "ingress/1"u8, 0xA0, 0x06, 3];
        exception = Assert.Throws<FormatException>(() => StageMessageCodec.Read(before));
        Assert.Contains("version: found 3, allowed is 4", exception.Message, StringComparison.Ordinal);
        exception = Assert.Throws<FormatException>(() => StageReplyCodec.Read(before));
        Assert.Contains("version: found 3, allowed is 4", exception.Message, StringComparison.Ordinal);
        exception = Assert.Throws<FormatException>(() => StageReplyCodec.Read(Array.Empty<byte>()));
        Assert.Contains("version: found none", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_PixelsThatDoNotFitTheirSize_AreRefused()
    {
        // 3 × width × height overflows 64 bits to a small number for some sizes.
        foreach (var (width, height) in ((int, int)[])[(0, 4), (4, 0), (5, 5), (int.MaxValue, int.MaxValue)])
        {
            var message = RandomMessages.Message(new Random(3)) with
            {
                Input = new StagePayload { Kind = StagePayloadKind.Pixels, Width = width, Height = height, Bytes = new byte[48] },
            };
            Assert.Throws<FormatException>(() => StageMessageCodec.Read(StageMessageCodec.Write(message)));
        }
    }

    [Fact]
    public void Write_LongError_IsCutAtAWholeCharacter()
    {
        var reply = RandomMessages.Reply(new Random(3)) with { Failure = new StageFailure(QueryOutcome.Failed, "x" + string.Concat(Enumerable.Repeat("😀", 3000))) };
        var read = StageReplyCodec.Read(StageReplyCodec.Write(reply)).Failure!.Error;
        Assert.StartsWith("x😀", read, StringComparison.Ordinal);
        Assert.EndsWith("😀", read, StringComparison.Ordinal);
    }

    [Fact]
    public void MessageId_SameWork_IsTheSameAndShort()
    {
        var message = RandomMessages.Message(new Random(3));
        Assert.Equal(message.MessageId, (message with { QueuedUs = 5, Enqueued = DateTimeOffset.UnixEpoch }).MessageId);
        string[] others =
        [
            (message with { Credit = message.Credit.Split(0, 2) }).MessageId, (message with { Task = "other" }).MessageId,
            (message with { ParentStamp = message.ParentStamp + 1 }).MessageId, (message with { Attempts = message.Attempts + 1 }).MessageId, (message with { Round = message.Round + 1 }).MessageId,
        ];
        Assert.DoesNotContain(message.MessageId, others);
        Assert.InRange((message with { QueryId = new string('q', 4000) }).MessageId.Length, 1, 128);
    }

    [Fact]
    public void Stamp_AnyDifferenceInTheAnswer_IsAnother()
    {
        OutputRow[] rows = [new(1, 0.5f, 0, 0, 1, 1), new(2, 0.5f, 0, 0, 1, 1)];
        ulong[] stamps =
        [
            AnswerStamp.Of("a", rows, []), AnswerStamp.Of("b", rows, []), AnswerStamp.Of("a", rows.AsSpan(0, 1), []), AnswerStamp.Of("a", [rows[1], rows[0]], []),
            AnswerStamp.Of("a", [rows[0], rows[1] with { Score = MathF.BitIncrement(0.5f) }], []), AnswerStamp.Of("a", rows, [1]), AnswerStamp.Of("a", rows, [1, 0]), AnswerStamp.Of("a", rows, [0, 1]),
        ];
        Assert.Distinct(stamps);
        Assert.Equal(stamps[0], AnswerStamp.Of("a", [.. rows], []));
    }

    private static byte[] Damage(byte[] body, Random random)
    {
        for (var i = random.Next(1, 4); i > 0; i--)
            body[random.Next(body.Length)] = (byte)random.Next(256);
        return random.Next(3) == 0 ? body[..random.Next(body.Length)] : body;
    }
}
