using System.Runtime.InteropServices;
using System.Text;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Stages;

/// <summary>Ids, mask and types as the models' own tools make them; small vocabularies whose answers can be worked out by hand.</summary>
public sealed class TextEncoderTests : IDisposable
{
    private const int Pad = 0, Unknown = 1, Cls = 2, Sep = 3;
    private readonly string _folder = Directory.CreateTempSubdirectory("loki-text-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Set_WordPiece_LowerCasesSplitsWordsAndAddsSpecialTokens()
    {
        var (ids, mask, types) = Encode(WordPiece(), new TextForm(), "Hello, worlds! Unbelievable xyz é");
        int[] expected = [Cls, 4, 10, 5, 6, 11, 7, 8, 9, Unknown, 12, Sep];
        Assert.Equal([.. expected, Pad, Pad, Pad, Pad], ids);
        Assert.Equal([.. Enumerable.Repeat(1, 12), 0, 0, 0, 0], mask);
        Assert.All(types, static t => Assert.Equal(0, t));
    }

    [Theory]
    [InlineData("Ünïcödé", "unicode")]
    [InlineData("ǺỆŤ", "aet")]
    [InlineData("e\u0301", "e")]
    [InlineData("Ώ Й ß", "ω и ß")]
    [InlineData("한가", "\u1112\u1161\u11AB\u1100\u1161")]
    [InlineData("车 😀", "车 😀")]
    [InlineData("ガがパ İstanbul ≠ \uF900", "カかハ istanbul = 豈")]
    public void Fold_IsLowerCaseWithoutMarks(string text, string expected) => Assert.Equal(expected, AccentFolding.Fold(text));

    [Fact]
    public void Set_SpecialTokenInTheText_IsThatToken()
    {
        Assert.Equal([Cls, 4, 13, 5, Sep], Encode(WordPiece(), new TextForm { PadTo = 1 }, "HELLO [MASK] world").Ids);
        Assert.Equal("hello [MASK] é [mask]", AccentFolding.Fold("Hello [MASK] É [Mask]", "[MASK]", "É").Replace("É", "é", StringComparison.Ordinal));
    }

    [Fact]
    public void Set_TextOfThirtyMegabytes_CostsNoMoreThanItsBeginning()
    {
        using var model = Model(null);
        using var runner = model.CreateLooseRunner();
        var encoder = TextEncoder.Of(model, new TextForm { MaxLength = 16 }, WordPiece());
        var elements = new MemoryStream();
        TextElements.Add(elements, Encoding.UTF8.GetBytes("hello ").Concat(Enumerable.Repeat((byte)'a', 30 << 20)).ToArray());
        encoder.Set(elements.ToArray(), runner, 0);

        var before = GC.GetAllocatedBytesForCurrentThread();
        encoder.Set(elements.GetBuffer().AsMemory(0, (int)elements.Length), runner, 0);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        runner.Run(1);
        Assert.Equal([Cls, 4, Unknown, Sep], MemoryMarshal.Cast<byte, long>(runner.OutputsOf(0)[0].Bytes.Span)[..4].ToArray().Select(static v => (int)v));
    }

    /// <summary>Cut between two characters, also of four bytes, and not in the middle of one.</summary>
    [Fact]
    public void Set_LongTextOfWideCharacters_IsCutBetweenThem()
    {
        foreach (var shift in (string[])["", "x", "xy", "xyz"])
            Assert.Contains(Unknown, Encode(WordPiece(), new TextForm { MaxLength = 4 }, shift + string.Concat(Enumerable.Repeat("車😀", 3000))).Ids);
    }

    [Fact]
    public void Set_OneEncoderForManyThreads_EachGetsItsOwn()
    {
        using var model = Model(null);
        var encoder = TextEncoder.Of(model, new TextForm { PadTo = 1 }, WordPiece());
        Parallel.For(0, 64, i =>
        {
            using var runner = model.CreateLooseRunner();
            var words = 1 + (i % 9);
            var elements = new MemoryStream();
            TextElements.Add(elements, string.Join(' ', Enumerable.Repeat(i % 2 == 0 ? "hello" : "world", words)));
            encoder.Set(elements.ToArray(), runner, 0);
            runner.Run(1);
            Assert.Equal([Cls, .. Enumerable.Repeat(4 + (i % 2), words), Sep], MemoryMarshal.Cast<byte, long>(runner.OutputsOf(0)[0].Bytes.Span).ToArray().Select(static v => (int)v));
        });
    }

    [Fact]
    public void Set_Pair_TypesTellTheTextsApart()
    {
        var (ids, _, types) = Encode(WordPiece(), new TextForm { PadTo = 1 }, "hello", "world world");
        Assert.Equal([Cls, 4, Sep, 5, 5, Sep], ids);
        Assert.Equal([0, 0, 0, 1, 1, 1], types);
    }

    [Fact]
    public void Set_TooLong_IsCutAtTheEndOfTheLongerText()
    {
        var form = new TextForm { MaxLength = 8, PadTo = 1 };
        Assert.Equal([Cls, 4, 5, 4, 5, 4, 5, Sep], Encode(WordPiece(), form, "hello world hello world hello world hello").Ids);
        Assert.Equal([Cls, 4, Sep, 5, 5, 5, 5, Sep], Encode(WordPiece(), form, "hello", "world world world world world world").Ids);
        Assert.Equal([Cls, 4, 4, Sep, 5, 5, 5, Sep], Encode(WordPiece(), form, "hello hello hello hello", "world world world world").Ids);
        // The odd token stays with the longer text.
        Assert.Equal([Cls, 4, 4, 4, Sep, 5, 5, Sep], Encode(WordPiece(), form, "hello hello hello hello hello", "world world world world").Ids);
    }

    [Fact]
    public void Set_ModelOfFixedLength_IsPaddedAndCutToIt()
    {
        Assert.Equal([Cls, 4, Sep, Pad, Pad, Pad], Encode(WordPiece(), new TextForm(), 6, "hello").Ids);
        Assert.Equal([Cls, 4, 4, 4, 4, Sep], Encode(WordPiece(), new TextForm(), 6, "hello hello hello hello hello hello").Ids);
    }

    /// <summary>Byte-level BPE as GPT-2 and RoBERTa have it: a space belongs to the word behind it.</summary>
    [Fact]
    public void Set_BytePairs_MergesInOrderAndTakesTheFilesSpecialTokens()
    {
        string[] tokens = ["<s>", "<pad>", "</s>", "<unk>", "h", "e", "l", "o", "Ġ", "w", "r", "d", "he", "ll", "hell", "hello", "Ġw", "or", "Ġwor", "ld", "Ġworld"];
        Write("vocab.json", "{" + string.Join(',', tokens.Select(static (t, i) => $"\"{t}\":{i}")) + "}");
        Write("merges.txt", "#version: 0.2\nh e\nl l\nhe ll\nhell o\nĠ w\no r\nĠw or\nl d\nĠwor ld\n");
        var form = new TextForm { First = ["<s>"], Between = ["</s>", "</s>"], Last = ["</s>"], PadTo = 8 };

        Assert.Equal([0, 15, 20, 2, 1, 1, 1, 1], Encode(Path.Combine(_folder, "vocab.json"), form, "hello world").Ids);
        Assert.Equal([0, 15, 2, 2, 12, 6, 2, 1], Encode(Path.Combine(_folder, "vocab.json"), form, "hello", "hel").Ids);
    }

    /// <summary>A unigram model: the most probable way to split, spaces as ▁.</summary>
    [Fact]
    public void Set_SentencePiece_SplitsByTheMostProbablePieces()
    {
        (string Piece, float Score, int Type)[] pieces = [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("▁hello", -1, 1), ("▁wor", -2, 1), ("ld", -2, 1), ("▁", -9, 1), ("w", -9, 1), ("o", -9, 1), ("r", -9, 1)];
        File.WriteAllBytes(Path.Combine(_folder, "spiece.model"), SentencePieceModel(pieces));

        Assert.Equal([3, 4, 5, 2], Encode(Path.Combine(_folder, "spiece.model"), new TextForm { Last = ["</s>"], PadTo = 1 }, "hello world").Ids);
    }

    [Fact]
    public void Set_WhatIsNoText_IsRefusedByName()
    {
        Assert.Contains("3 texts", Assert.Throws<ModelException>(() => Encode(WordPiece(), new TextForm(), "a", "b", "c")).Message, StringComparison.Ordinal);
        using var model = Model(null);
        using var runner = model.CreateLooseRunner();
        var encoder = TextEncoder.Of(model, new TextForm(), WordPiece());
        Assert.Contains("not UTF-8", Assert.Throws<ModelException>(() => encoder.Set(new byte[] { 1, 0, 0, 0, 0xC3 }, runner, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_OfModelAndTokenizer_AreToldTogether()
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Scale(1, 2, 2), new ModelOptions());
        var faults = TextEncoder.Faults(model, new TextForm { Tensors = new TextForm().Tensors.Add("mask", "gone") }, Path.Combine(_folder, "no.txt"));
        Assert.Contains(faults, static f => f.Contains("no input 'gone', which \"tensors\" names as mask", StringComparison.Ordinal));
        Assert.Contains(faults, static f => f.Contains("it is INT64 or INT32 [N, length]", StringComparison.Ordinal));
        Assert.Contains(faults, static f => f.Contains("no.txt' cannot be read", StringComparison.Ordinal));
        Assert.Contains("has no '<bos>'", Assert.Single(TextEncoder.Faults(Model(null), new TextForm { First = ["<bos>"] }, WordPiece())), StringComparison.Ordinal);
    }

    /// <summary>T5's file has no token for the beginning of a sentence, ALBERT's has control pieces in place of them.</summary>
    [Fact]
    public void Set_SentencePieceWithoutSentenceTokens_TakesControlPiecesByName()
    {
        (string Piece, float Score, int Type)[] pieces = [("<pad>", 0, 3), ("<unk>", 0, 2), ("[CLS]", 0, 3), ("[SEP]", 0, 3), ("▁hello", -1, 1), ("▁world", -2, 1)];
        File.WriteAllBytes(Path.Combine(_folder, "a.model"), SentencePieceModel(pieces, unknown: 1, hasSentenceTokens: false));

        var form = new TextForm { First = ["[CLS]"], Between = ["[SEP]"], Last = ["[SEP]"], IsLowerCase = true, PadTo = 8 };
        Assert.Equal([2, 4, 5, 3, 5, 3, 0, 0], Encode(Path.Combine(_folder, "a.model"), form, "Hello World", "world").Ids);
    }

    [Fact]
    public void Faults_RolesThatNameOneInput_AreRefused()
    {
        using var model = Model(null);
        foreach (var (ids, mask) in ((string, string)[])[("input_ids", "input_ids"), ("attention_mask", "token_type_ids")])
        {
            var form = new TextForm { Tensors = new TextForm().Tensors.Add("ids", ids).Add("mask", mask) };
            Assert.Contains("are not one of ids", Assert.Single(TextEncoder.Faults(model, form, WordPiece())), StringComparison.Ordinal);
        }
    }

    private string WordPiece()
    {
        Write("vocab.txt", string.Join('\n', "[PAD]", "[UNK]", "[CLS]", "[SEP]", "hello", "world", "##s", "un", "##believ", "##able", ",", "!", "e", "[MASK]"));
        return Path.Combine(_folder, "vocab.txt");
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private static (int[] Ids, int[] Mask, int[] Types) Encode(string tokenizer, TextForm form, params string[] texts) => Encode(tokenizer, form, null, texts);

    private static (int[] Ids, int[] Mask, int[] Types) Encode(string tokenizer, TextForm form, int? length, params string[] texts)
    {
        using var model = Model(length);
        using var runner = model.CreateLooseRunner();
        var elements = new MemoryStream();
        foreach (var text in texts)
            TextElements.Add(elements, text);
        TextEncoder.Of(model, form, tokenizer).Set(elements.ToArray(), runner, 0);
        runner.Run(1);
        var outputs = runner.OutputsOf(0).Select(static o => MemoryMarshal.Cast<byte, long>(o.Bytes.Span).ToArray().Select(static v => (int)v).ToArray()).ToArray();
        return (outputs[0], outputs[1], outputs[2]);
    }

    /// <summary>Hands its inputs on.</summary>
    private static OnnxModel Model(int? length)
    {
        object tokens = length is { } fixedLength ? fixedLength : "L";
        var model = new TinyOnnx();
        foreach (var name in (string[])["input_ids", "attention_mask", "token_type_ids"])
            model = model.Input(name, TinyOnnx.Int64, "N", tokens).Output(name + "_out", TinyOnnx.Int64, "N", tokens).Node("Identity", [name], [name + "_out"]);
        return OnnxModel.Load("m", model.ToBytes(), new ModelOptions());
    }

    /// <summary>sentencepiece_model.proto: pieces, a unigram trainer, a normalizer that leaves the text as it is.</summary>
    private static byte[] SentencePieceModel((string Piece, float Score, int Type)[] pieces, int unknown = 0, bool hasSentenceTokens = true)
    {
        var model = new MemoryStream();
        foreach (var (piece, score, type) in pieces)
            Field(model, 1, [.. Bytes(1, Encoding.UTF8.GetBytes(piece)), 0x15, .. BitConverter.GetBytes(score), 0x18, (byte)type]);
        // model_type = UNIGRAM, unk_id, bos_id, eos_id, pad_id = -1.
        byte[] none = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1];
        Field(model, 2, [0x18, 1, 0xC0, 2, (byte)unknown, 0xC8, 2, .. hasSentenceTokens ? [1] : none, 0xD0, 2, .. hasSentenceTokens ? [2] : none, 0xD8, 2, .. none]);
        // add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces.
        Field(model, 3, [.. Bytes(1, "identity"u8.ToArray()), 0x18, 1, 0x20, 1, 0x28, 1]);
        return model.ToArray();

        static void Field(MemoryStream target, int number, byte[] content) => target.Write(Bytes(number, content));
        static byte[] Bytes(int number, byte[] content) => [(byte)((number << 3) | 2), (byte)content.Length, .. content];
    }
}
