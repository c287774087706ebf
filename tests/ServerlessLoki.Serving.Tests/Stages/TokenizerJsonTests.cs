using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Tests.Stages;

/// <summary>Files of Hugging Face's tokenizers; small vocabularies whose answers can be worked out by hand.</summary>
public sealed class TokenizerJsonTests : IDisposable
{
    private const string Words = """
        { "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true },
          "pre_tokenizer": { "type": "BertPreTokenizer" },
          "post_processor": { "type": "TemplateProcessing",
            "single": [ { "SpecialToken": { "id": "[CLS]", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }, { "SpecialToken": { "id": "[SEP]", "type_id": 0 } } ],
            "pair": [ { "SpecialToken": { "id": "[CLS]", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }, { "SpecialToken": { "id": "[SEP]", "type_id": 0 } },
                      { "Sequence": { "id": "B", "type_id": 1 } }, { "SpecialToken": { "id": "[SEP]", "type_id": 1 } } ] },
          "added_tokens": [ { "id": 3, "content": "[SEP]", "special": true } ],
          "model": { "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                     "vocab": { "[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "hello": 5, "world": 6, "##s": 7 } } }
        """;

    // XLM-RoBERTa's order: its own special tokens first, and one behind the pieces.
    private const string Unigram = """
        { "normalizer": { "type": "Sequence", "normalizers": [ { "type": "Replace", "pattern": { "Regex": " {2,}" }, "content": " " } ] },
          "pre_tokenizer": { "type": "Sequence", "pretokenizers": [ { "type": "WhitespaceSplit" }, { "type": "Metaspace", "replacement": "▁", "add_prefix_space": true } ] },
          "post_processor": { "type": "RobertaProcessing", "sep": [ "</s>", 2 ], "cls": [ "<s>", 0 ] },
          "added_tokens": [ { "id": 0, "content": "<s>", "special": true }, { "id": 1, "content": "<pad>", "special": true }, { "id": 2, "content": "</s>", "special": true },
                            { "id": 3, "content": "<unk>", "special": true }, { "id": 9, "content": "<mask>", "special": true } ],
          "model": { "type": "Unigram", "unk_id": 3, "vocab": [ [ "<s>", 0 ], [ "<pad>", 0 ], [ "</s>", 0 ], [ "<unk>", 0 ], [ "▁hello", -1 ], [ "▁wor", -2 ], [ "ld", -2 ], [ "▁", -9 ], [ "w", -9 ] ] } }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("loki-json-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_WordPiece_TakesItsTokensAndRules()
    {
        var vocabulary = Read(Words);
        Assert.Equal([5, 6, 7, 1], vocabulary.Ids("HELLO worlds xyz"));
        Assert.Equal(([2], [3], [3], 0), (vocabulary.First.ToArray(), vocabulary.Between.ToArray(), vocabulary.Last.ToArray(), vocabulary.Pad), static (a, b) =>
            a.Item1.SequenceEqual(b.Item1) && a.Item2.SequenceEqual(b.Item2) && a.Item3.SequenceEqual(b.Item3) && a.Item4 == b.Item4);
        Assert.True(vocabulary.KeepsPlaces);
        Assert.Equal([1, 6], Read(Words.Replace("\"lowercase\": true", "\"lowercase\": false", StringComparison.Ordinal)).Ids("Hello world"));
        // What the pipeline file says goes first.
        Assert.Equal([1, 6], Read(Words, new TextForm { IsLowerCase = false }).Ids("Hello world"));
    }

    [Fact]
    public void Read_BytePairs_MergesInOrder()
    {
        string[] tokens = ["<s>", "<pad>", "</s>", "<unk>", "h", "e", "l", "o", "Ġ", "w", "r", "d", "he", "ll", "hell", "hello", "Ġw", "or", "Ġwor", "ld", "Ġworld"];
        string[] merges = ["h e", "l l", "he ll", "hell o", "Ġ w", "o r", "Ġw or", "l d", "Ġwor ld"];
        var pairs = string.Join(',', merges.Select(static (m, i) => i % 2 == 0 ? $"\"{m}\"" : $"[\"{m.Replace(" ", "\",\"", StringComparison.Ordinal)}\"]"));
        var vocabulary = Read($$"""
            { "pre_tokenizer": { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true }, "post_processor": { "type": "RobertaProcessing", "sep": [ "</s>", 2 ], "cls": [ "<s>", 0 ] },
              "model": { "type": "BPE", "unk_token": "<unk>", "vocab": { {{string.Join(',', tokens.Select(static (t, i) => $"\"{t}\":{i}"))}} }, "merges": [ {{pairs}} ] } }
            """);
        Assert.Equal([15, 20], vocabulary.Ids("hello world"));
        Assert.Equal([0, 2, 2, 2, 1], (int[])[.. vocabulary.First, .. vocabulary.Between, .. vocabulary.Last, vocabulary.Pad]);
    }

    [Fact]
    public void Read_Unigram_SplitsByTheMostProbablePieces()
    {
        var vocabulary = Read(Unigram);
        Assert.Equal([4, 5, 6], vocabulary.Ids("hello   world"));
        Assert.Equal([4, 7, 3], vocabulary.Ids("hello x"));
        Assert.Equal([0, 2, 2, 2, 1], (int[])[.. vocabulary.First, .. vocabulary.Between, .. vocabulary.Last, vocabulary.Pad]);
        Assert.Equal(10, vocabulary.Size);
    }

    [Theory]
    [InlineData("\"type\": \"BertPreTokenizer\"", "\"type\": \"Digits\"", "its pre_tokenizer has the step Digits; supported are BertPreTokenizer")]
    [InlineData("\"strip_accents\": null", "\"strip_accents\": false", "both or neither is supported")]
    [InlineData("\"continuing_subword_prefix\": \"##\"", "\"continuing_subword_prefix\": \"@@\"", "go on with '@@'")]
    [InlineData("\"type\": \"WordPiece\"", "\"type\": \"WordLevel\"", "its model is WordLevel")]
    [InlineData("\"world\": 6", "\"world\": -6", "with ids of -6 to 7")]
    [InlineData("\"world\": 6", "\"world\": \"six\"", "cannot be read")]
    [InlineData("\"world\": 6", "\"world\": 2000000000", "with ids of 0 to 2000000000")]
    public void Read_WhatIsNotSupported_SaysWhat(string good, string bad, string fault)
    {
        var message = Assert.Throws<ModelException>(() => Read(Words.Replace(good, bad, StringComparison.Ordinal))).Message;
        Assert.Contains("tokenizer.json'", message, StringComparison.Ordinal);
        Assert.Contains(fault, message, StringComparison.Ordinal);
    }

    /// <summary>Whatever is cut, doubled or changed: a vocabulary or an error of ours.</summary>
    [Fact]
    public void Read_SpoiltFiles_NeverThrowAnythingElse()
    {
        var random = new Random(3);
        for (var run = 0; run < 1500; run++)
        {
            var text = (run % 2 == 0 ? Words : Unigram).ToList();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                var at = random.Next(text.Count);
                switch (random.Next(3))
                {
                    case 0: text.RemoveRange(at, Math.Min(random.Next(1, 12), text.Count - at)); break;
                    case 1: text[at] = "0\"[]{},:-9▁"[random.Next(11)]; break;
                    default: text.InsertRange(at, text.GetRange(at, Math.Min(random.Next(1, 30), text.Count - at))); break;
                }
            }

            try
            {
                Read(string.Concat(text)).Ids("hello worlds");
            }
            catch (ModelException)
            {
                // The text of the fault is checked above.
            }
        }
    }

    private TextVocabulary Read(string json, TextForm? form = null)
    {
        var path = Path.Combine(_folder, "tokenizer.json");
        File.WriteAllText(path, json);
        return TextVocabulary.Read(path, form ?? new TextForm());
    }
}
