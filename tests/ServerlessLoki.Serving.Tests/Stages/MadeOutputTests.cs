using System.Runtime.InteropServices;
using System.Text;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Stages;

/// <summary>Vectors, texts and answers made of values; what is expected was worked out apart from this code, by the formula in the comment.</summary>
public sealed class MadeOutputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-made-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Sum of the vectors under the mask ÷ their number, then ÷ its length: (2, 2) → (√½, √½). Largest: (3, 4) ÷ 5. First: the same.
    [Theory]
    [InlineData(Pooling.Mean, true, 0.70710678f, 0.70710678f)]
    [InlineData(Pooling.Mean, false, 2f, 2f)]
    [InlineData(Pooling.Max, true, 0.6f, 0.8f)]
    [InlineData(Pooling.Cls, false, 3f, 4f)]
    public void Pool_TokensUnderAMask_PaddingIsLeftOut(Pooling pooling, bool isNormalised, float x, float y)
    {
        var output = Embedding(pooling, isNormalised);
        var row = new MadeRow([3, 4, 1, 0, 100, 100]) { Positions = [1, 1, 0] };
        var part = Assert.Single(Read(Heads.Fit(output, Heads.Output("y", "N", "T", 2)), row)!.Parts);
        Assert.Equal(["embedding", "FP32"], [part.Name, part.Datatype]);
        Assert.Equal([x, y], MemoryMarshal.Cast<byte, float>(part.Bytes.Span).ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Pool_OneVector_IsTakenWithItsOnes() => Assert.Equal(
        [0.6f, 0.8f], MemoryMarshal.Cast<byte, float>(Read(Heads.Fit(Embedding(Pooling.Mean, true), Heads.Output("y", "N", 2, 1, 1)), new MadeRow([3, 4]))!.First).ToArray());

    [Fact]
    public void Pool_WhatIsNoNumberOrFitsNoMask_IsNoVector()
    {
        var fit = Heads.Fit(Embedding(Pooling.Mean, true), Heads.Output("y", "N", "T", 2));
        Assert.Null(Read(fit, new MadeRow([float.NaN, 1])));
        Assert.Contains("vectors of 2 tokens, but the mask has 1", Unreadable(fit, new MadeRow([1, 2, 3, 4]) { Positions = [1] }), StringComparison.Ordinal);
        Assert.Contains("0 values are no vectors of 2", Unreadable(fit, new MadeRow([[]])), StringComparison.Ordinal);
        Assert.Contains("C fixed", Heads.Fault(Heads.Fit(Embedding(Pooling.Mean, true), Heads.Output("y", "N", "T", "C"))), StringComparison.Ordinal);
    }

    // Steps: nothing, a, a, nothing, a, b, b. Score: mean of the probabilities where a character begins: (0.9 + 0.7 + 0.8) ÷ 3.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ctc_EqualNeighboursAreOne_NothingParts(bool isBlankLast)
    {
        float[][] steps = [[1, 0, 0], [0.1f, 0.9f, 0], [0.4f, 0.6f, 0], [0.8f, 0.2f, 0], [0.3f, 0.7f, 0], [0.2f, 0, 0.8f], [0.5f, 0, 0.5f], [0.1f, 0, 0.9f]];
        // A tie goes to the first class, which is nothing: so b comes twice.
        var values = steps.SelectMany(s => isBlankLast ? [s[1], s[2], s[0]] : s).ToArray();
        var read = Read(Heads.Fit(Ctc("a\nb\n") with { Text = Ctc("a\nb\n").Text with { IsBlankLast = isBlankLast } }, Heads.Output("y", "N", "T", 3)), new MadeRow(values))!;
        Assert.Equal(isBlankLast ? "aab" : "aabb", TextOf(read));
        Assert.Equal(isBlankLast ? 0.8f : (0.9f + 0.7f + 0.8f + 0.9f) / 4, MemoryMarshal.Cast<byte, float>(read.Parts[1].Bytes.Span)[0], 5);
    }

    // exp(3) ÷ (exp(3) + exp(1) + exp(0) + exp(−1)) = 0.830953, exp(2) ÷ (exp(2) + 3) = 0.711235.
    [Fact]
    public void Ctc_LogitsAndSpace_ScoreIsTheSoftmax()
    {
        var output = Ctc("é\n好") with { Scores = ScoreForm.Logits };
        output = output with { Text = output.Text with { HasSpace = true } };
        var read = Read(Heads.Fit(output, Heads.Output("y", "N", "T", 4)), new MadeRow([1, 0, 3, -1, 0, 0, 0, 2]))!;
        Assert.Equal("好 ", TextOf(read));
        Assert.Equal((0.830953f + 0.711235f) / 2, MemoryMarshal.Cast<byte, float>(read.Parts[1].Bytes.Span)[0], 5);
        Assert.Null(Read(Heads.Fit(output, Heads.Output("y", "N", "T", 4)), new MadeRow([1, float.NaN, 3, -1])));
        Assert.Equal("", TextOf(Read(Heads.Fit(output, Heads.Output("y", "N", "T", 4)), new MadeRow([9, 0, 0, 0]))!));
        Assert.Contains("5 values are no steps of 4 classes", Unreadable(Heads.Fit(output, Heads.Output("y", "N", "T", 4)), new MadeRow([9, 0, 0, 0, 9])), StringComparison.Ordinal);
    }

    [Fact]
    public void Ctc_WrongDictionary_SaysBothNumbersAndTheCure()
    {
        Assert.Contains("\"space\": true", Heads.Fault(Heads.Fit(Ctc("a\nb"), Heads.Output("y", "N", "T", 4))), StringComparison.Ordinal);
        Assert.Contains("has 9 classes, but dictionary", Heads.Fault(Heads.Fit(Ctc("a\nb"), Heads.Output("y", "N", "T", 9))), StringComparison.Ordinal);
        var gone = Ctc("a") with { Text = new TextResultForm { Dictionary = Path.Combine(_folder, "gone") } };
        Assert.Contains("cannot be read", Heads.Fault(Heads.Fit(gone, Heads.Output("y", "N", "T", 2))), StringComparison.Ordinal);
        Assert.Contains("there is no decoder 'other' of this kind; there are ctc, ids", Heads.Fault(Heads.Fit(
            gone with { Text = new TextResultForm { Decoder = "other" } }, Heads.Output("y", "N", "T", 2))), StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_AreWords_SpecialOnesAreLeftOut()
    {
        File.WriteAllText(Path.Combine(_folder, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nwor\n##ld\n");
        var output = new TaskOutput(TaskOutputKind.Text, null, [], null) { Text = new TextResultForm { Tokenizer = Path.Combine(_folder, "vocab.txt") } };
        var fit = Heads.Fit(output, ("y", TinyOnnx.Int64, ["N", 2, "T"]));
        // Two sequences: the first is the best.
        var row = new MadeRow([]) { Shape = [2, 6], Bytes = MemoryMarshal.AsBytes<long>([2, 5, 6, 7, 3, -1, 5, 5, 5, 5, 5, 5]).ToArray() };
        Assert.Equal("hello world", TextOf(Read(fit, row)!));
        Assert.Single(Read(fit, row)!.Parts);
        // The file's last id is 7; what was added beside it, such as T5's <extra_id_0>, is special. A graph may give no sequence at all.
        Assert.Equal("hello", TextOf(Read(fit, new MadeRow([]) { Shape = [1, 3], Bytes = MemoryMarshal.AsBytes<long>([8, 5, long.MaxValue]).ToArray() })!));
        Assert.Equal("", TextOf(Read(fit, new MadeRow([]) { Shape = [0, 3] })!));
        Assert.Contains("needs a \"tokenizer\"", Heads.Fault(Heads.Fit(output with { Text = TextResultForm.Default }, ("y", TinyOnnx.Int64, ["N", "T"]))), StringComparison.Ordinal);
    }

    // A vocabulary without the tokens that are put around texts: none is, where ids are read.
    [Fact]
    public void Ids_VocabularyWithoutSpecialTokens_IsRead()
    {
        File.WriteAllText(Path.Combine(_folder, "vocab.txt"), "[UNK]\nhello\nworld\n");
        var form = new TextResultForm { Tokenizer = Path.Combine(_folder, "vocab.txt") };
        var output = new TaskOutput(TaskOutputKind.Text, null, [], null) { Text = form };
        var row = new MadeRow([]) { Shape = [3], Bytes = MemoryMarshal.AsBytes<long>([1, 0, 2]).ToArray() };
        Assert.Equal("hello world", TextOf(Read(Heads.Fit(output, ("y", TinyOnnx.Int64, ["N", "T"])), row)!));
        var skips = output with { Text = form with { Skipped = ["hello"] } };
        Assert.Equal("[UNK] world", TextOf(Read(Heads.Fit(skips, ("y", TinyOnnx.Int64, ["N", "T"])), row)!));
        skips = output with { Text = form with { Skipped = ["</s>"] } };
        Assert.Contains("3 tokens has no '</s>': name tokens of the file in \"skipped\"", Heads.Fault(Heads.Fit(skips, ("y", TinyOnnx.Int64, ["N", "T"]))), StringComparison.Ordinal);
    }

    // Time first, with the batch inside fixed to 1: mean of (1, 2), (3, 4), (5, 6).
    [Theory]
    [InlineData("T")]
    [InlineData(3)]
    public void Pool_TimeFirst_IsTheMeanOfItsTokens(object time)
    {
        using var model = OnnxModel.Load("m", new TinyOnnx().Input("x", TinyOnnx.Float, 1, time is int ? 6 : "L").Output("y", TinyOnnx.Float, time, 1, 2)
            .Constant("shape", [-1L, 1, 2], 3).Node("Reshape", ["x", "shape"], ["y"]).ToBytes(), new ModelOptions());
        var read = Read(OutputFit.Of(Embedding(Pooling.Mean, false), model), new MadeRow([1, 2, 3, 4, 5, 6]))!;
        Assert.Equal([3f, 4f], MemoryMarshal.Cast<byte, float>(read.First).ToArray());
    }

    private static readonly EncodedText s_context = new("on 🌍 in 1945.", 3, [(0, 2), (3, 5), (6, 8), (9, 13)], HasStart: true);

    // Softmax over the first token and the four of the context, product of start and end; s = (1, .5, 2, −1, 0), e = (.5, 0, 1, 3, 2.5).
    // The best pair is tokens 1 to 2: 0.300480; alone "no answer" has logits 1.5 against 5.
    [Fact]
    public void Span_BestPair_IsTheContextsOwnCharacters()
    {
        var read = Read(Answer(new SpanForm()), Logits())!;
        Assert.Equal("🌍 in", TextOf(read));
        // Code points: the globe is one of them, though two UTF-16 units.
        Assert.Equal([3, 7], [BitConverter.ToInt32(read.Parts[2].Bytes.Span), BitConverter.ToInt32(read.Parts[3].Bytes.Span)]);
        Assert.Equal(0.30048f, BitConverter.ToSingle(read.Parts[1].Bytes.Span), 5);
    }

    // As above with pairs of one token: 1 to 1 has 3, 2 to 2 has 2, 3 to 3 has 2.5.
    [Fact]
    public void Span_LengthLimit_IsKept() => Assert.Equal("🌍", TextOf(Read(Answer(new SpanForm { MaxTokens = 1 }), Logits())!));

    [Theory]
    [InlineData(-3.6, "")]
    [InlineData(-3.4, "🌍 in")]
    public void Span_NoAnswerAboveTheThreshold_IsEmpty(double above, string expected) =>
        Assert.Equal(expected, TextOf(Read(Answer(new SpanForm { EmptyAbove = above }), Logits())!));

    [Fact]
    public void Span_WithoutTextsOrNumbers_IsRefused()
    {
        Assert.Null(Read(Answer(new SpanForm()), new MadeRow([float.NaN, 0, 0, 0, 0, 0, 0, 0], new float[8]) { Text = s_context }));
        Assert.Contains("8 starts and 7 ends", Unreadable(Answer(new SpanForm()), new MadeRow(new float[8], new float[7]) { Text = s_context }), StringComparison.Ordinal);
        Assert.Contains("kind\": \"text\"", Heads.Fault(Answer(new SpanForm()) with { TakesTexts = false }), StringComparison.Ordinal);
        Assert.Contains("end [N, T] (not found)", Heads.Fault(Heads.Fit(new TaskOutput(TaskOutputKind.Answer, null, [], null), Heads.Output("start", "N", "T")) with { TakesTexts = true }), StringComparison.Ordinal);
    }

    private static MadeRow Logits() => new([1, 9, 9, 0.5f, 2, -1, 0, 9], [0.5f, 9, 9, 0, 1, 3, 2.5f, 9]) { Text = s_context };

    private static OutputFit Answer(SpanForm form) => Heads.Fit(
        new TaskOutput(TaskOutputKind.Answer, null, [], null) { Answer = form }, Heads.Output("start_logits", "N", "T"), Heads.Output("end_logits", "N", "T")) with { TakesTexts = true };

    private TaskOutput Ctc(string dictionary)
    {
        File.WriteAllText(Path.Combine(_folder, "keys.txt"), dictionary);
        return new TaskOutput(TaskOutputKind.Text, null, [], null) { Text = new TextResultForm { Dictionary = Path.Combine(_folder, "keys.txt") } };
    }

    private static TaskOutput Embedding(Pooling pooling, bool isNormalised) =>
        new(TaskOutputKind.Embedding, null, [], null) { Embedding = new EmbeddingForm { Pooling = pooling, IsNormalised = isNormalised } };

    private static RowTensor? Read(OutputFit fit, MadeRow row) => StageOutputs.Of(fit, DecoderRegistry.Default).Read(row);

    private static string Unreadable(OutputFit fit, MadeRow row) => Assert.Throws<ModelException>(() => Read(fit, row)).Message;

    private static string TextOf(RowTensor read) => Encoding.UTF8.GetString(Assert.Single(TextElements.Of(read.Parts[0].Bytes)).Span);

    private sealed class MadeRow(params float[][] values) : IRowValues
    {
        public float[] Positions { get; init; } = [];

        public long[] Shape { get; init; } = [];

        public byte[] Bytes { get; init; } = [];

        public EncodedText? Text { get; init; }

        public ReadOnlySpan<float> Mask => Positions;

        public ReadOnlySpan<float> Of(int output) => values[output];

        public ReadOnlySpan<long> ShapeOf(int output) => Shape;

        public ReadOnlySpan<byte> BytesOf(int output) => Bytes;
    }
}
