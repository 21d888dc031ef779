// Made by scripts/make-pinyin.py from CC-CEDICT (https://cc-cedict.org, CC BY-SA 4.0); see NOTICE. Do not edit.

/// Readings (common ones, comma, others) and the characters that have them.
let characterReadings: StaticString = """
    a=吖啊锕 a,e=阿 a,sha=嗄 ai=僾叆哀哎唉啀嗳埃壒娭嫒挨敳暧毐爱瑷癌皑矮砹碍蔼薆銰鑀锿隘霭騃 ai,de=㝵 ai,he=餲 ai,yi=嗌艾 an=俺唵啽埯媕安岸庵按揞暗案桉氨犴盦胺萻谙铵鞍鹌黯𩽾 \
    an,han=豻 ang=卬昂枊盎肮 ao=傲嗷坳垇墺奡奥媪岙嶅廒懊摮敖澳熬獒璈翱聱螯袄謷遨鏊鏖隞骜鳌鿫 ao,tuo=圫 ao,wa=凹 ao/niu=拗 \
    ba=8〨㞎䥯仈八叭坝妭岜巴弝把抜捌朳灞爸猈疤笆粑罢芭茇菝蚆豝跋軷霸靶魃鲃鲅 ba,bia=吧 ba,ke=峇 ba,pa=钯 ba,quan=拔 ba,xx=丷 bai=䙓佰拜拝掰摆白稗竡败韛 bai,bei=呗 \
    bai,bo=捭百 ban=伴办半坂姅扮拌搬斑斒昄版班瓣瘢癍粄绊舨钣颁 ban,pan=扳板湴 ban/pan/bo=般 bang=傍塝帮梆棒榜玤绑艕蒡谤邦镑𠳐 bang,bin=浜 bang,pang=磅 \
    bang,peng=搒 bang/beng=蚌 bang/pang=膀 bao=保儤包媬孢宝报抱煲爆胞苞菢葆蕔虣褒褓豹趵闁雹饱鲍鸨龅 bao,pu=暴 bao/bu,pu=堡 bao/pao=刨 \
    bei=倍偝北卑备孛悖悲惫杯椑焙狈琲碑碚糒背蓓被褙贝辈邶鉳鐾钡鞁鞴鹎 ben=坋奔本畚笨苯锛 ben,bi=贲 beng=伻嘣埲崩泵琫甏甭祊绷菶蹦迸镚 beng,feng=埄甮 \
    bi=B俾匕吡咇哔坒壁奰妣婢嬖屄币庇庳弊弼彼必怭愊愎敝柲梐楅比毕毖毙沘湢滗濞煏狴獙珌璧畀疕痹皀皕碧秕笔筚箅篦舭苾荜荸萆蓖蔽薜襞觱诐豍赑跸躃逼避邲鄙鎞铋閟闭陛飶馝駜驆髀 bi=鲾鵖鷩鼻 bi,pi=裨 bi/bei=臂 \
    bian=卞变変弁忭抃昪汳汴煸砭碥稨窆笾箯缏编艑苄萹藊蝙褊贬辨辩辫边辺遍鞭鳊 bian,pian=匾猵 bian/pian=便扁 biang=𰻝 biang,biu/ging=□ \
    biao=俵儦婊嫑彪摽标滮瀌熛猋瘭穮膘藨表裱褾镖镳飑飙骉髟鳔 biao,lu=膔 biao,pao=麃 bie=别憋瘪蹩鳖 bin=傧宾彬摈斌殡滨濒璸缤膑邠镔鬓𧏖 bing=丙兵冫冰寎并怲抦摒昺柄栟炳病禀秉絣苪邴鉼靐鞞饼 \
    bing,peng=掤 bing/bin=槟 bo=亳僰勃博哱啵嚗壆嶓帛拨搏播擘檗欂波浡渤玻癶盋砵礴箔簸脖膊舶菠葧袯襮譒跛踣鋍钵钹铂镈饽馎驳髆鲌鹁𬭛 bo,bai/ba=伯 bo,po=桲 bo/bai=柏 \
    bo/bao=剥薄 bo/po=泊 bu=㘵不卟吥哺埗埠布怖捕捗晡步瓿篰簿蔀补逋部醭钚钸𫗦 bu/bo=卜 ca=擦礤 cai=寀彩才材猜睬縩菜蔡裁财踩采 can=惨惭憯朁残灿璨粲蚕餐骖黪 can,chan=孱 \
    can,dai=歺 can/shen,cen=参 cang=仓凔沧舱苍蔵螥鑶鸧 cang,chen=伧 cao=嘈懆操曹槽漕糙肏艚艹草蓸螬鄵 ce=册恻测畟策茦荝 ce,zhai=侧 ce/si=厕 cen=㟥岑涔 \
    ceng=层嶒曽蹭 ceng,cheng=噌 cha=侘叉垞姹察岔嵖扠挿插搽杈査槎檫汊猹碴臿艖茬茶衩诧蹅锸镲𥻗 cha,zha=查 cha/ca=嚓 cha/chai,ci=差 cha/zha=喳 chai=侪囆拆柴茝虿豺钗 \
    chai,cuo=瘥 chan=丳产僝儃儳冁劖嚵婵巉幨廛忏搀旵梴欃毚浐潺澶瀍瀺磛缠羼艬蒇蝉蟾襜觇讇谄谗躔辿铲镵阐韂馋骣𡶴𬊤 chan,shan=掺 chan/shan=禅 chan/tan=啴 chan/zhan=颤 \
    chang=䠀伥倡偿唱场娼嫦尝常徜怅惝敞昌昶氅猖畅肠苌菖誯锠镸阊韔鬯鲳鲿鼚𬬮 chang,han=厂 chang/shang=裳 chang/zhang=长 chao=吵巢巣弨怊抄晁潮炒焯耖訬超钞鼂 chao,zhao=嘲 \
    chao/zhao=朝 che=坼屮彻扯掣撤澈砗 che,ju=车 chen=儭嗔宸尘忱抻搷晨梣榇沉煁琛疢瞋碜臣茞蔯衬谌谶賝趁辰郴陈龀𬘭 cheng=丞乗偁呈城埕塍宬庱悜惩成承撑晿枨柽橕橙珵珹琤瞠秤程罉蛏裎诚赪逞郕酲铖骋 \
    cheng,sheng=晟 cheng,tang=樘 cheng/chen=称 cheng/deng=澄 cheng/sheng=乘 \
    chi=侈傺叱吃呎哧啻嗤墀媸弛彳彽扡抶持摛敇敕斥欼歯池炽瓻痴瘛眵笞篪翅耻茌蚩蚳螭褫誃豉赤跮踟迟遅郗饎饬驰魑鶒鸱黐齿𫄨 chi,li=樆 chi,she/zha=奓 chi/che=尺 chong=㳘充冲宠崇忡憃憧揰翀舂艟虫铳 \
    chou=㤽䌷丑侴俦偢吜嬦惆愁抽搊杽燽犨畴瘳瞅稠筹绸裯踌酬鯈𥬠 chou,dao=帱 chou,diao/zhou=椆 chou,niu=杻 chou,qiu=仇 chou/xiu=臭 \
    chu=㛀䝙䢺亍俶储儊出刍初厨处幮怵憷搐杵楚楮樗橱歜滁濋矗础禇篨绌耡蒢蜍触豖蹰躇鄐鉏锄閦除雏黜 chu,zhu=褚 chu/xu=畜 chuai=揣搋膗膪踹 chuai,zuo=嘬 chuan=串喘川椽氚玔瑏穿舛船荈遄钏 \
    chuan,yun=伝 chuan/zhuan=传 chuang=创噇床怆疮窗闯 chuang,zhuang=幢 chui=吹圌垂捶棰槌炊腄锤陲龡 chun=㵮䲠唇春杶椿淳漘瑃纯莼蝽蠢輴醇鯙鹑𬭚 \
    chuo=㲋啜婥婼惙戳擉歠畷磭踔辍辵辶逴醊龊 chuo,chao=绰 ci=佌佽偨刺慈朿次此泚玼瓷疵磁祠糍絘茨莿蛓词赐跐辞雌餈骴鹚𪉈 ci,zi=呲茈 cong=丛从匆悰淙漎潀琮瑽璁聪苁葱賨鍐鏦骢 cong,chuang=囱 \
    cong,zong=熜 cong/zong=枞 cou=凑腠辏 cu=促徂殂猝瘯簇粗蔟踤踧蹙蹴醋 cu,zha=皻 cu,zuo=酢 cuan=撺汆爨窜篡蹿鋑镩 cuan,zan=攒 \
    cui=伜催啐崔悴摧榱毳淬漼焠獕璀瘁磪竁粋粹綷缞翠脆膵萃趡 cui,zu=崒 cun=刌吋存寸忖村皴邨 cuo=剒厝嵯挫措搓棤瑳痤矬磋脞莝蓌蹉醝锉错鹾 cuo,zuo=撮 \
    da=剳咑哒垯妲怛打搭汏炟瘩笪答繨羍耷荙褡跶达逹靼鞑龖𫟼 da,dai=大 da,ta=嗒 dai=代傣叇呆垈埭岱带帯待怠戴槑歹殆玳甙绐艜蝳袋襶贷軚迨逮黛𠯪 \
    dan=丹亶但儋勯単啖妉弾惮憺担旦柦殚氮淡甔瘅眈砃窞箪耽聃胆萏蛋蜑襌诞赕郸霮髧鴠𫢸𬘘 dan,da=疸 dan,shan=掸 dan,shan/chan=单 dan,tan=澹 dan,zhen=酖 dan/tan=弹 \
    dang=儅党凼垱宕当愓挡档珰砀筜簜菪蟷裆谠逿 dang,tang=荡 dang/cheng=铛 dao=倒刀刂到壔导岛嶋嶌忉悼捣捯氘盗祷禂稻纛翿舠蹈道鱽 dao,tao=叨焘 de=嘚徳德淂锝 de,dei=得 \
    de/di=的 den=㩐 deng=僜凳噔嶝戥灯登瞪磴等簦豋蹬邓镫 di=䗖低呧哋啲嘀娣嫡帝弤抵敌杕柢梊棣氐涤渧滴牴狄玓珶甋睇砥碲禘笛第篴籴缔羝荻菂菧蒂蔋觌觝诋谛踶蹢迪递逓遰邸釱鍉镝靮鞮骶鸐𬱖 di,chi=坻 \
    di,de=地底 di,ti=堤弟鬄 dia=嗲 dian=傎典坫垫奠巅巓店惦扂掂攧敁殿淀滇点玷琠电甸痁瘨癜癫碘磹簟踮蹎阽靛颠驔 dian,tian=佃钿 diao=伄凋刁叼吊屌掉汈琱碉窎蓧藋蛁貂钓铞雕鲷 \
    diao/tiao=调 die=叠喋垤堞昳楪殜爹牒瓞畳眣碟绖耋蝶谍跌跕蹀迭镻鲽 die,xi=咥 ding=仃叮啶定帄玎疔盯碇耵腚萣虰订酊钉锭靪顶饤鼎 ding,zheng=丁 ding/ting=町 diu=丢铥 \
    dong=东冬冻动咚垌岽崠恫懂栋氡涷湩胨胴董鸫𬟽 dong,jing=丼 dong,tong=侗洞硐 dong/tong=峒 dou=兜唞抖斗枓痘窦篼脰蔸蚪豆逗陡饾 \
    du=㱩厾喥嘟堵妒杜椟毒渎渡牍犊独督睹笃肚芏蠹読贕赌镀韣髑黩𬭊𮙋 du,dou=读 du,duo=度 du/dou=都 duan=塅媏断椴段毈煅短碫端簖缎腶鍴锻 dui=兑堆对対怼憝碓譈队 \
    dun=吨墩庉惇敦沌炖盹盾砘礅趸蹲蹾遁钝镦顿 duo=㙍剁剟咄哆哚垛埵堕多夺嶞惰掇敪朵柮舵裰跺踱躲軃鈬铎饳 duo,tuo=媠 \
    e=俄厄吪呃咢咹噩囮垩堨堮妸姶娥婀屙峨崿嶭悪愕扼枙涐皒砈腭苊莪萼蛾詻讹谔轭遏鄂锇锷頞颚额餩饿鳄鹅鹗𫫇 e,ke=蚵 e,yan=阏 e/wu=恶 ei,ai=欸 ei,xi=诶 en=嗯恩摁蒽 eng=鞥 \
    er=2〢二佴児刵咡唲尔弍弐栭樲洏洱珥而耏耳胹薾衈贰輀迩铒陑饵駬鲕鸸 fa=乏伐发垡橃沷法珐発砝筏罚茷鍅阀髪 fa,po=酦 fan=凡反墦帆幡旛梵樊橎泛烦燔犯璠畈矾笲笵籓籵繁繙翻膰范薠藩蘩蠜贩蹯返钒饭魬𫔍𬸪 \
    fan,fu=払 fan/bo=蕃 fan/pan=番 fang=匚坊妨放方旊昉枋淓纺肪舫芳蚄访邡钫防髣鲂 fang,pang=房 fang/pang=仿 \
    fei=俷剕匪厞吠啡奜妃屝废廃悱扉斐朏棐榧櫠沸淝狒痱篚绯翡肥肺腓菲蜚诽费镄霏非飞馡騑鲱 fei,fu=砩芾 fen=份偾分吩坟奋幩忿愤朆枌棻棼氛汾瀵焚瞓粉粪纷羵芬蕡蚡豮轒酚雰饙魵鲼鳻鼖鼢𣸣 fen,bin=玢 \
    fen,mei=坆 feng=丰俸凤唪夆奉封峰崶摓枫沣沨浲漨烽犎疯砜缝葑蜂覂讽赗逢酆锋风 feng,li=豊 feng,ping=冯 fiao=覅 fo=仏坲 fo/fu=佛 fou=紑缶 fou,pi=否 \
    fu=㳇乶付伏俘俯偩傅凫刜副匐呋咈咐复夫妇嬔孚孵富尃巿帗幅幞府弗弣扶抚拊敷斧服枹柎桴氟泭洑浮涪滏父玞琈甫砆祓祔福稃符笰箙簠綍绂绋缚罘罦肤腐腑腹艴芙芣苻茀茯菔葍蚨蚹蜅蜉 \
    fu=蝠蝮衭袚袱褔襆覆讣负赋赙赴趺跗輹辅辐郙郛鄜釜阜附韨馥驸鯆鲋鳆鴔鵩麸黻黼𫓧𫚒 fu,bi=拂 fu,fei=怫 fu,pie=乀 ga=嘎噶尕尜尬旮玍钆 ga,xia=呷 gai=㱾丐乢侅垓戤改概溉荄该赅钙陔 \
    gai,ge=盖 gan=倝咁坩尴感擀敢旰杆柑榦橄檊泔淦澉玕甘疳矸秆竿筸绀肝苷虷赣赶酐骭鳡 gan/qian=干 gang=冈冮刚堈堽岗杠港笐纲缸罡肛舡釭钢鿍 gang,zhuang=戆 \
    gao=告搞暠杲槁槔櫜皋稿篙糕缟羔膏藁诰郜锆高鼛 gao,yi=睾 gao/hao=镐 ge=个各哥哿嗝嘅圪塥戈挌搁搿擖格歌渮硌膈舸茖葛虼袼觡輵轕铬镉阁隔革骼鸽鿔𠮶 ge,ga=疙胳 ge,gua=割 ge,he=𬮤 \
    ge,le=饹 ge,li=鬲 ge,yi=仡 ge/ha=蛤 ge/luo,lo=咯 gei/ji=给 gen=亘根艮茛跟 gen,hen=哏 geng=㹴哽埂庚更梗浭絚绠羹耕耿赓郠鲠鹒 \
    gong=供公共功匑宫巩廾弓恭拱攻栱汞珙蚣觥贡躬龚𬕂 gong,ei=工 gong,hong=唝肱 gou=冓勾垢够姤媾岣彀构沟狗笱篝缑耇苟觏诟购遘钩雊鞲 gou,ju=枸 gou,kou=佝 \
    gu=估凅古咕唂固堌姑孤崮故梏榾毂汩沽泒濲瀔牯牿痼盬瞽祻箍箛罛罟羖股臌菇菰蓇蛄蛊蛌觚诂軱轱辜酤钴锢雇顾馉骨鲴鸪鼓𦙶 gu,jia=嘏 gu,xi=扢 gu,yu=谷 gua=䯄刮剐卦寡挂瓜筈罫胍褂诖鸹 gua,kua=絓 \
    gua,kuo=栝 gua/gu=呱 guai=乖夬怪拐掴𤶊 guan=倌关冠官惯掼棺涫灌爟琯瓘痯瘝盥矔祼筦管罐蒄観观贯馆鳏鳤鹳 guan,kuang=丱卝 guan/wan=莞 guang=光咣垙広桄洸犷珖胱逛銧 \
    guang,yan=广 gui=佹刽刿匦圭垝妫姽宄帰庋归攰晷桂槻氿沩溎瑰癸皈硅筀簋茥规诡贵跪轨邽闺鬼鱥鲑鳜 gui,hui=桧 gui,jiong=炅 gui,ju=柜 gui,jue=嶡 gui,jun/qiu=龟 \
    gun=棍滚磙绲蔉衮辊鲧 gun,shu=丨 guo=啯国埚崞帼惈果椁猓粿聒聝腘虢蜾蝈裹輠过郭锅馃馘 guo,wai=呙 ha=哈铪 hai=亥咍嗐嗨孩害氦海胲醢餀骇骸 \
    han=㘎函含唅喊垾寒悍憨憾捍撖撼旱晗暵汉汗涵瀚焊焓熯琀甝睅罕翰菡蔊蚶螒谽邗邯酣鋡闬雗韩顸颔馯鼾 hang=杭沆筕绗航颃 hang,ben=夯 hao=号嗥嚆嚎壕好恏昊毫浩淏澔濠灏皓皞耗蒿薃薅蚝諕譹豪郝鄗颢 \
    hao,he/mo=貉 he=㪃何佫劾喝嗃嗬垎壑暍曷河涸焃盉盍盒禾翮翯荷菏蠚褐诃贺赫郃鉌阂阖鞨颌饸鲄鹖鹤龁龢 he,a=呵 he,ge=合纥 he,hu=核 he,huo/hu=和 he,xie=猲 hei=嘿黑黒𬭶 \
    hen=佷噷很恨拫狠痕 heng=亨哼堼姮恒横珩胻脝蘅衡鑅鸻𨱑 heng/hang=桁 hong=吰哄嚝妅宏弘泓洪浤澒灴烘玒竑纮翃荭蕻薨虹訇讧轰銾闳鞃鸿黉𫚉𬭎 hong,gong=红 hong,hou/ou=吽 \
    hou=侯候厚后吼喉垕堠猴瘊睺篌糇豞逅郈鄇骺鯸鲎鲘齁𬭤 hu=乎互冱呼唬唿囫壶媩嫭岵幠弧忽怙惚户戽扈护搰斛昒槲沪浒湖滹烀煳狐猢琥瑚瓠祜笏糊縠胡膴葫虍虎虖蝴觳謼轷鄠醐頀鳠鶦鹕鹘鹱 hu,ku=楛 hu,que=𬒈 \
    hu,wu=芴 hu/gu=鹄 hua=划化华哗婳嬅崋搳摦桦滑猾画繣花话錵铧骅 hua,xu=砉 huai=佪坏壊徊怀懐槐淮耲褢褱踝 huan=唤奂宦寰幻患换擐桓槵欢洹浣涣漶澴焕獾环瓛痪睆缓缳荁萑豢貆轘逭锾镮阛雈鬟鲩鹮 \
    huan,guan=雚 huan,xuan/qiong=嬛 huan,yuan=圜 huan/hai=还 huang=㿠偟凰喤堭塃巟幌徨恍惶慌晃榥湟滉潢炾煌熀熿獚璜癀皇皝磺篁簧肓艎荒蝗蟥衁谎遑鎤锽隍韹鳇鷬黄 \
    huang,yong=揘 hui=㧑㱮㻅卉咴喙嘒回廆彗徽恚恛恢恵悔惠慧挥晖晦槥毁汇洄濊灰烩煇秽絵绘缋翙翚芔茴荟蕙虺蛔蟪袆讳诙诲豗贿辉鏸阓隳餯麾𠯠 hui,kuai=会 hui,yue=哕 \
    hun=圂婚惛慁掍昏楎殙浑混溷珲睯诨阍馄魂 hun,xun=荤 huo=㸌㺢伙佸劐嗀嚯彟惑或擭攉檴活湱濩火灬祸耠臛获蒦藿蠖謋货钬锪镬雘霍 huo,hua=豁 huo,o=嚄 \
    ji=㚻䳭丮乩伋伎佶冀几击剂剞剤即卽及叽吉咭哜唧圾垍基堲塈墼妓姞姫姬嫉季寂寄屐岌嵇嵴己庴彐忌急悸惎戟戢技挤掎撃旡既暨机极棘楫殛汲泲洎济済漈潗激濈瀱犄玑畸畿疾痵瘈瘠癠癪 \
    ji=矶禨积稷穄穊穧笄笈箕籍継级纪继绩罽羁耤肌脊芨芰茍蒺蓟蔇蕺蘻虀虮蝍襋觊觭计讥记赍跻跽踖踦蹐辑迹际集霁饥骥髻鱾鲚鲫鶏鸡鹡麂齌齑𪟝𫓹𫚖𬯀𬶨𬶭 ji,jie=偈 ji,qi=丌亟檵稽缉荠 ji,sa=钑 ji,xx=亽 \
    ji,zhai=祭 jia=㹢䛟仮佳価加嘉婽嫁岬幏恝戛斝架枷椵榎槚泇浃猳珈甲痂瘕稼笳耞胛荚葭蛱袈袷豭跏跲迦郏钾铗镓颊驾麚𬂩 jia,ga=夹 jia,ga/jie=价 jia,gei=假 jia,gu=家 jia,tu=宊 \
    jia,xia=舺 jia/ga,qie=伽 jia/gu=贾 \
    jian=件俭俴倹健僣僭兼减剑剣剪坚奸尖建戋戬拣捡揃搛暕枧柬栫检検楗歼毽洊涧渐湔溅瀳煎熸牮珔监睑瞷硷碱笕笺简箭篯缄缣翦肩腱舰艰茧荐菅菺蒹蕑蕳裥謇谏谫豜贱趼践踺蹇鉴鑯锏键靬 jian=鞬鞯饯鬋鲣鳒鹣鹸 jian,gan=间 \
    jian,nan=囝 jian,qian=犍 jian,xian=见 jian/kan=槛 jiang=僵匠塂奖奨姜弶桨橿江洚浆犟疆矼礓糨绛缰耩膙茳蒋螀讲豇酱醤顜 jiang,qiang=将 jiang/xiang=降 \
    jiao=䴔交佼僬儌叫嘂嘦噍噭姣娇峤峧徼憍挍挢搅摷教敫敽斠椒浇湫滘漖焦煍燋狡珓璬皎皦皭矫礁窌窖筊簥绞缴胶膲艽茭藠蛟蟜蟭詨轿较郊酵醮釂铰饺骄鱎鲛鹪 jiao,jue=嚼脚 jiao,qiao=蕉 jiao,yao=侥 \
    jiao/chao=剿 jiao/jue=角 jie=㔾㛃介倢劫劼卩唶喈喼嗟婕孑尐届岊幯戒截拮捷接掲揭杰桀椄楬榤毑洁湝犗玠疖疥痎皆睫碣秸竭緁结羯节蚧蛣蜐蠽街袺褯讦诘诫阶鲒 jie,ga=界 jie,ji=借 \
    jie,xie=解觧颉 jie,xx=卪 jie/gai=芥 jie/ju=桔 jie/zi=姐 jin=仅今卺噤堇墐妗尽巾搢斤晋槿殣津浕浸溍烬珒琎瑨瑾矜祲禁筋紟紧缙肵荩菫衿襟觐谨賮赆近金锦靳馑 jin,qin=厪 \
    jin,yan=进 jin,yin=唫 jin/jing=劲 jing=井京儆兢净凊刭境婙巠弪径惊憬敬旌景晶暻汫泾浄瀞獍璟璥痉睛竞竟粳精経经肼胫腈茎荆菁警迳镜阱靖静鲸麖麠鼱𠇹 jing,geng=颈 jing,liang=倞 \
    jiong=䌹冂冋冏囧扃泂澃炯煚窘褧迥颎𬳶 jiu=9〩㠇㺵久九乣倃僦厩咎啾就揪揫摎救旧柩桕樛灸玖疚究纠臼舅赳轇酒阄韭鬏鸠鹫 \
    ju=举倨具剧埧娵婮局屦崌巨弆怚惧拒拘拠挙挶据掬椈椐榉橘沮泃澽炬焗犋狙琚疽矩秬窭筥粔罝聚腒苴莒菊蒟虡蜛裾讵跙距踘踞踽輂遽郹醵鐻钜锔锯雎鞠鞫飓驹鵙龃𪧘𬶋 ju,gou=句 ju,ji=居 ju,qu=苣 ju,zui=咀 \
    ju/qie=趄 juan=倦卷娟巻帣悁捐朘涓焆狷眷睊绢罥脧臇蠲鄄锩镌鹃 juan,jun=隽 juan,quan=弮 juan,yang=飬 \
    jue=㵐䦆亅倔傕决劂厥噘孓屩崛戄抉掘撅撧攫桷橛潏爝爵獗玃玦珏瘚矍砄绝臄蕝蕨蟨覚觖觼诀谲貜趹蹶躩鈌鴂鴃 jue,qiong=璚 jue,xue=噱 jue/jiao=觉 jun=军君均峻捃晙珺畯皲竣箘莙菌郡钧馂骏鲪 \
    jun,qu=焌 jun,qun=麇 jun,xun=浚 jun,zun=俊 ka=佧咔喀胩鉲 ka,qia=卡 ka/ga=咖 kai=凯剀垲开忾恺愒慨揩欬炌烗铠锎锴闿颽 kai,jie=楷 \
    kan=侃凵刊勘坎堪墈崁戡欿歁看瞰砍磡莰衎轗阚顑鬫龛 kang=亢伉囥康慷抗槺炕犺糠钪闶𩾌 kang,gang=扛 kao=丂尻拷栲烤熇犒考薧铐靠 \
    ke=刻可嗑坷客岢嵙恪搕柯棵榼氪渇渴溘炣牁珂疴瞌磕科稞窠簻缂苛薖蝌衉课趷轲钶锞颏颗骒髁 ke,hai=咳 ke,kei=克 ke,luo=砢 ke/qiao=壳 ken=啃垦恳掯硍肯裉 keng=坑牼硁硻誙铿 \
    keng,hang=吭 kong=倥孔崆恐悾控空箜鞚 kong,hong=焢 kong,kuang/huang=爌 kou=叩寇扣抠眍筘芤蔻鷇𫸩 kou,luo=口 ku=刳哭喾圐堀库枯矻窟苦裤跍酷骷 \
    kua=㐄侉垮夸姱挎胯跨 kuai=㧟侩块廥快旝浍狯筷脍蒯郐鬠鲙𫘝 kuai,wei=哙 kuan=宽寛梡款髋 kuan,cuan=窾 kuang=况劻匡哐圹夼恇旷框洭狂眶矿筐絖纩诓诳贶軖軭邝鉱𫛭 \
    kui=亏刲喟喹夔奎岿愦愧戣揆暌櫆煃犪盔睽窥篑聩葵蒉蝰跬逵鄈頯馈馗骙魁𫠆 kui,gui=傀 kui,hui=溃 kui,li=悝 kui/gui=匮 kun=困坤壸悃捆昆晜梱焜琨稛菎裈裍醌锟阃騉髠鲲鶤鹍 \
    kuo=廓扩拡漷蛞阔鞹髺 kuo,gua=括 la=剌啦喇垃拉揦旯楋瘌砬蜡蝋蝲辣邋镴鞡鬎 la,xi=腊 lai=唻崃徕来梾涞濑瀬癞睐箂籁莱藾赉赖郲铼騋鯠𡥧 lan=兰囒婪岚懒拦揽斓栏榄滥澜灠烂篮籣缆罱蓝褴襕襽覧览谰镧阑𡒄𨅬 \
    lang=㫰啷埌塱嫏崀廊朗桹榔浪烺狼琅稂筤莨蒗螂郎郞锒阆𨱍 lao=㧯佬劳労咾哰唠嫪崂捞栳涝烙牢狫痨粩老耢轑醪铑铹髝 lao,luo=酪 lao,mu=姥 le=仂叻扐泐砳簕艻阞鳓 le,yue=楽 le/lei=勒 \
    le/yue,lao=乐 lei=儡儽嘞垒塁嫘擂攂樏檑欙泪涙畾磊磥礌礧类累缧罍羸耒肋蔂蕾藟诔酹镭雷颣鸓 leng=冷塄崚愣楞睖薐踜 leng/ling=棱 \
    li=丽例俐俚俪傈凓利剺劙力励历厉厘吏呖哩唎唳喱嚟坜娌嫠屴悧悷戻戾暦李枥栃栎栗栵梨梩欐沥沴浬浰溧漓漦澧濿犁犂犛狸猁理璃疠疬痢皪盭砺砾礼立笠篥篱粒粝缡罹脷苈苙荔莅莉蓠蔾 \
    li=藜蛎蜊蠡褵詈跞轹逦郦醨醴里锂隶雳骊鬁鲡鲤鳢鴗鹂黎黧𫟷𬍛 li,chi=离 li,xi=纚 lia/liang=俩 lian=嗹奁帘廉怜恋摙梿楝殓涟湅潋澰濂炼琏练联脸臁莲萰蔹蘝蠊裢裣连鄻錬链镰鬑鲢 lian,han=敛 \
    liang=両两亮俍凉唡悢晾梁椋粮粱良蜽裲谅踉辆辌量魉 liang,jing=靓 liao=僚嘹嫽寥寮尥屪嵺廖憀憭撂撩敹料暸燎獠疗簝缭聊膋膫蟟蹽辽钌镣飂髎鹩 liao,lao=潦 liao,lu=蓼 liao/le=了 \
    lie=䴕冽列劣咧埒捩擸洌烈猎猟睙茢蛚裂趔躐鬣𫚭 lie,xie=劦 lin=临亃僯冧凛吝啉嶙廪惏懔拎林檩淋潾獜琳璘痳瞵磷粼膦菻蔺赁躏躙辚遴邻醂霖鳞麟𡳞𬭸 \
    ling=0○〇令伶凌另呤囹坽堎夌姈岭昤柃棂泠灵玲瓴笭绫羚翎聆舲苓菱蕶蛉詅軨酃醽铃陵零霊霝领鲮鸰齢龄 liu=6〦刘懰旒柳榴流浏溜熘珋琉留瘤硫绺罶翏蹓遛镏镠霤飗馏骝鹠鹨 liu,lu=六 \
    long=儱咙哢垄巃拢昽栊滝珑癃眬砻礲窿竜笼聋胧茏豅陇隆龙𨀁 long,shuang=泷 lou=䁖剅喽娄嵝搂楼漏瘘篓耧蒌蝼镂陋髅𪣻 lou,lv=偻溇 \
    lu=勠卢卤噜坴垆庐录戮掳撸栌橹氇泸渌漉潞澛炉玈琭璐甪盝硵禄稑穋箓簏簬籚纑罏胪舻芦菉蕗虏赂路轳辂辘逯醁錴镥颅鯥鲁鲈鸬鹭鹿麓𫘧𬬻 lu,liu=陆 lu/liu=碌 lu/lou=露 luan=卵圞娈孪峦挛栾滦脔銮鸾 \
    luan,zhi=乱 lun=仑伦囵婨抡沦纶芲论轮𬬭 luo=㑩啰摞椤泺洛猡珞瘰箩纙罗脶荦萝蓏螺蠃裸逻锣雒骆骡鸁 luo,lao=络 luo,lao/la=落 luo,lv=捋 luo,ta=漯 \
    lv=侣吕垏屡履嵂律旅梠榈氯滤稆缕膂膟葎藘虑褛鑢铝闾驴 lv,lu=绿 lv/shuai=率 lve=㧰圙掠略锊 m=呣 m,fu/wu=呒 ma=吗嘛妈杩溤犸玛痲码祃蚂蟆马骂麻 mai=买劢卖唛売荬迈霢霾麦鿏 \
    mai,wo=薶 mai/man=埋 mai/mo=脉 man=墁嫚屘幔慢曼槾満满漫熳瞒缦蔓蛮螨谩鄤镘颟馒鬗鬘鳗𬇕 mang=哤忙杗杧漭牤牻盲硭笀芒茫茻莽蟒邙铓駹 mang/meng=氓 \
    mao=冃冇冒卯媢峁帽懋旄昴楙毛毷泖牦猫瑁眊瞀矛耄芼茂茅茆蝐蝥袤貌贸鄮酕铆锚髦髳 me=嚜 me/yao/mo,ma=么 mei=堳妹媄媒媚媺寐嵄嵋昧枚梅楣毎每沬浼渼湄煝煤猸玫瑂痗眉眛禖篃美脢腜苺莓袂郿酶鋂镁镅霉韎魅鹛 \
    mei,mu/wu=娒 mei/mo=没 men=们懑扪暪樠焖穈钔门闷𫞩 meng=勐孟幪懵曚朦梦檬猛獴甍盟瞢礞艋艨莔萌蒙虻蜢蠓锰鹲 meng,min=黾 \
    mi=冖冞咪嘧塓宓密峚幂幦弥弭敉汨洣濔灖猕眯米糸縻羃脒芈蘼蜜觅谧迷醚醾銤靡麋麛鼏 mi,mei=糜谜 mi,ming=蓂 mi,ni=祢袮 mi/bi=泌秘 mian=丏俛偭冕勉宀愐棉汅湎眄眠糆绵缅蝒面𩾃 \
    mian,sheng=渑 mian,tian=腼 mian,wan=娩 mian,wen=免絻 miao=喵妙庙描杪淼渺眇瞄秒缈苗藐邈鹋 mie=咩孭幭搣旀灭篾蔑蠛 mie,nie=乜 \
    min=刡姄岷悯慜抿敃敏旻旼暋民泯湣珉痻皿缗罠苠闵闽 min,wen=忞 ming=冥名命明暝榠洺溟眳瞑茗螟鄍酩铭鸣 miu=谬 miu/mou,miao/liao/mu=缪 \
    mo=劘墨妺嫫寞摸摹歾殁沫漠獏瘼皌眽磨秣糢耱膜茉莫蓦藦蘑谟貊鄚镆陌靺馍髍魔麿默黙𬙊 mo,ma=嬷摩 mo,me=末 mo/ma=抹 mo/mu=模 mou=侔哞眸蛑谋鉾鍪麰 mou,si=某 mou/mu=牟 \
    mu=亩仫募墓姆幕慕拇暮木楘母毪沐牡牧牳目睦穆苜钼霂𬭁 na=乸呐拿挐捺纳肭衲軜钠镎 na,ne/nei=哪 na,nuo=那 na/nuo=娜 nai=乃倷奈奶柰氖耐艿萘螚褦釢錼鼐 nan=喃囡戁暔楠湳男腩蝻諵赧难 \
    nan,na=南 nang=乪囊囔攮曩灢馕齉 nao=垴嫐孬峱恼悩挠淖猱瑙硇碯脑脳臑蛲譊铙闹𢙐 nao,nu=呶 ne=疒讷 nei=内氝馁 nen=嫩 neng=能 \
    ni=伲你倪匿堄妮尼怩惄拟旎昵柅泥猊睨秜腻薿衵逆郳铌霓鲵麑鿭𫐐𫠜 ni,niao=溺 ni/ne=呢 nian=卄埝年廿念拈捻撵涊淰碾蔫辇鲇鲶黏齞 nian/zhan=粘 niang=娘嬢酿醸 niao=嬲脲茑袅 \
    niao,diao=鸟 niao,sui=尿 nie=啮喦嗫孽捏摰敜涅糱聂臬臲苶蘖蘗讘蹑镊镍陧颞𫔶 nin=您 ning=佞儜凝咛宁拧柠泞狞聍 ning/zhu=苎 niu=妞忸扭牛狃纽钮 nong=㶶侬农哝浓秾脓襛齈𬪩 \
    nong/long,leng/xiang=弄 nou=獳耨 nu=努奴孥弩怒砮笯胬驽 nuan=暖餪 nun=黁 nuo=㛂傩懦挪搦糯诺锘 nuo,re=喏 nv=恧籹衄钕 nv,ru=女 nve=虐 nve,yao=疟 \
    o=噢 o,e=哦 o,wo=喔 ou=偶呕怄欧殴沤瓯耦藕讴鴎鸥𠙶𬉼 pa=%啪帕怕爬琶筢葩趴跁 pa,ba=杷 pa/ba=耙 pa/ba,shou=扒 pai=π俳哌徘拍排棑派湃牌簰蒎輫 \
    pan=判叛媻幋攀柈泮潘爿畔盘盼眅磐磻縏蟠袢襻詊蹒鞶頖 pan/pin=拚 pang=乓厐厖嗙庞庬旁滂耪螃逄雱鳑 pang,mang=尨 pang/pan=胖 pao=匏咆庖抛泡炰狍疱脬袍跑鞄麭 pao,bao=炮 \
    pei=佩呸妚姵帔斾旆柸沛胚裴赔辔配醅锫陪霈 pei,bei=培 pen=呠喷湓盆 peng=䦕匉嘭堋弸彭怦抨捧朋棚椪淜漰澎烹痭砰硼碰篷膨芃蓬蟛輣鬅鹏 \
    pi=䴙丕仳伾僻劈匹啤噼嚭圮坯埤媲屁庀批披擗枇毗淠潎澼狉狓琵甓疲痞癖皮睥砒秠笓纰罴脾芘苉蚍蚽蜱譬貔邳郫錍铍阰陴霹髲魾鲏鴄鼙𬳵 pi,bei/po=陂 pi/bi=辟 pian=偏囨楩片犏篇翩胼谝蹁騗骈骗魸 \
    piao=僄剽嘌嫖殍漂瓢皫瞟票缥薸螵飘骠 piao,fu=莩 pie=丿撇氕瞥苤 pin=品姘嫔拼榀牝玭矉礗聘贫频颦𬞟 ping=乒俜凭呯坪娉帡平枰泙洴涄玶瓶甹砯苹萍蚲评軿鲆 ping/bing=屏 \
    po=叵坡婆泼珀皤破笸粕蒪鄱钋钷颇魄 po,pai=迫 pou=㕻剖咅垺抔掊裒 pu=仆匍噗圃扑攴普氆浦溥潽濮烳璞痡舗莆菐菩葡蒱蒲誧谱蹼酺铺镤镨 pu,bao=曝瀑 pu/bu=埔 pu/fu=脯 pu/piao/po=朴 \
    qi=〧䒗䫏七乞亓企其凄启呇咠嘁器圻埼契妻娸屺岐崎帺弃愭憩懠戚攲敧旗期杞柒栔桤棨槭欺歧气気汔汽沏泣淇漆炁犵玂玘琦琪畦疧盵碛磜祁祇祈祺綦綮绮耆脐艩芑芪萁萋葺蕲藄蚔蛴蜞蟿 qi=衹諆謦讫起迄郪鄿鏚锜顣颀骐鬐鮨鲯鳍麒齐𬨂 \
    qi,ji=棋骑 qi,kai=岂 qi,qie=砌 qi,xi=栖 qi,zhi/ji=跂 qi/ji=奇 qia=恰拤掐洽髂 \
    qian=仟伣佥倩傔前千嗛堑墘媊岍岒幵悭愆扦拑掔掮揵搴攐椠欠歉汧潜燂牵皘签篟粁缱肷芊芡葥蒨虔蚈褰谦谴輤迁遣銭钎钤钱钳阡骞鬵鹐黔𣍰𬘬 qian,jian=浅 qian,kan=嵌 qian,qie=慊 qian,su=圱 \
    qian,xi=茜 qian,xian=䕭 qian,xun=荨 qian,yan=铅 qiang=丬呛墙嫱廧戕戗抢斨枪椌樯炝牄玱繈羌羟腔蔃蔷蜣襁跄蹡锖锵镪 qiang,jiang=强 \
    qiao=乔侨俏劁墝峭巧悄愀憔撬撽敲桥樵橇瞧硗硚窍翘荞诮谯趫跷锹鞒鞘骹 qiao,sao=缲 qiao,shao=睄 qiao,shu=橾 qie=且切妾怯惬挈朅癿窃箧藒踥锲 qie,xi=郄 qie/jia=茄 \
    qin=侵勤吣嗪噙寝嵚庈慬揿擒昑檎沁琴禽秦笉綅芩芹菣螓衾钦锓雂靲骎 qin,jin=廑 qin,qing=亲 qing=㯳倾勍卿圊庆庼情擎晴殑氢氰清碃磬箐罄苘蜻请軽轻青顷黥 qing,zheng=鲭 \
    qiong=䓖琼睘穷穹笻茕蛩跫邛銎 qiu=㞗丘俅囚巯恘楸求泅犰球璆盚秋糗絿萩虬蚯蝤裘觩訄赇逑遒邱酋鞧頄鰽鳅鹙鼽𨱇𩾁 qiu,rou=厹 \
    qu=伹佉佢刞劬去取呿娶屈岖岨忂懅曲朐氍灈璩癯瞿砠磲祛籧胊胠菃蕖蘧蛆蛐蠼衢袪觑诎豦趋趣躯軥阒阹駆驱鸲麮黢鼩龋 qu,ju=渠 qu,ou=区 quan=佺全劝勧圏悛惓拳权棬泉牷犬犭瑔甽畎痊筌绻荃蜷蠸诠跧辁醛铨颧鬈鳈 \
    quan,juan=券 quan/juan=圈 que=却埆塙悫搉榷瘸确碏碻缺阕阙鹊 que,gui=炔 que,qiao=雀 qun=囷群裙踆逡 r/er,ren=儿 ran=䎃冉染然燃珃肰苒蚺蛅髯 \
    rang=勷嚷壌壤攘瀼瓤禳穣穰蘘譲让 rao=娆扰桡绕荛饶 re=惹热 re,ruo=爇 ren=人亻仁仞任刃壬妊忍棯牣稔絍纫纴腍荏荵衽认讱轫韧饪鵀 ren,nen/nin=恁 reng=仍扔礽芿陾 ri=日鈤驲 \
    ri,yang=氜 rong=冗嬫容嵘戎栄榕毧氄溶熔狨瑢绒羢肜茸荣蓉蝾融镕 rou=揉柔禸糅肉腬葇蹂鞣韖𫐓 ru=乳儒入嗕嚅如孺擩曘汝洳溽濡筎缛茹蓐蕠薷蠕袽褥襦辱鄏醹铷颥鴽 ruan=堧壖撋朊瓀碝緛软阮 \
    rui=枘汭瑞睿緌繠芮蕊蕤蚋锐 run=润犉闰 run,shun=𥆧 ruo=偌叒弱挼捼箬篛蒻鄀鶸 ruo/re=若 sa=仨卅撒攃洒萨靸飒 sa,san=潵 sai=僿嘥噻揌腮赛鳃 sai/se=塞 \
    san=〣三伞叁弎散毵糁鏾馓鬖 sang=丧嗓搡桑磉颡 sao=喿埽嫂慅扫搔氉瘙缫臊騒骚髞𩙫 se=啬涩渋濇瑟璱穑譅轖铯 se,shai=色 sen=森椮 seng=僧鬙 sha=傻唼啥杀樧歃沙煞痧砂箑纱翣萐裟铩霎魦鲨 \
    sha,qie=帹 sha/cha=刹 sha/suo=莎 sha/xia=厦 shai=晒筛 shan=䅟删善姗嬗山彡扇掞摲擅杉汕潸煽狦珊疝睒縿缮膳膻舢芟苫蟮蟺衫謆讪赡赸跚鄯钐闪陕骟鳝𫮃 shan,yan=剡埏 \
    shan,zhan=鳣 shang=上伤商垧墒尙尚晌殇熵蠰觞謪赏 shang,tang=埫 shang,zhang=鞝 shao=劭勺卲哨少弰捎旓梢潲烧玿稍筲绍艄莦邵髾 shao,biao=杓 shao,que=芍 \
    shao/tao=韶 shao/xiao=蛸 she=佘厍奢射慑揲摂摄檨歙涉渉滠猞社舍舎蔎蠂设赊赦韘騇麝 she,du=阇 she,ji=舌 she,yi=蛇 she/yu=畲 shei,sei/shui=谁 \
    shen=伸侁兟呻哂妽娠婶审屾慎曑榊氠深渗燊珅甚甡申瘆瞫矧砷神籸绅肾胂脤葚蔘蜃诜谂谉身鲹𬳽 shen,chen=沈 shen,xin=莘 sheng=㗂剩剰升呏声嵊泩牲生甥眚笙縄绳胜鼪 sheng,ku=圣 \
    sheng/cheng=盛 sheng/xing=省 shi=〸䴓世乭事仕使侍势十史嗜噬埘士失奭始实実室寔尸屎市师式弑恃戺拭揓施时是柿栻浉湜湿澨炻狮矢示祏筮絁舐莳葹蓍虱蚀襫视誓试诗豕贳轼辻逝邿酾釈释铈饣饰驶鲥鸤鼫鼭𫚕𬤊 \
    shi,dan=石 shi,kuo=适 shi,si=食 shi,yi=谥 shi,zhi=氏识 shi/chi=匙 shi/she=拾 shi/shen=什 shou=兽受售守寿手扌授收狩獣痩瘦绶艏首 \
    shu=书倏叔塾墅姝孰尌庶恕戍抒摅摴暑曙束杸枢树梳殊殳毹沭淑漱澍疏癙秫竖糬纾署翛腧菽蔬薯蜀裋襡赎输述钃陎黍鼠𦈌𬬸 shu,shou=熟 shu,shuo=数 shu,ya=疋 shu,yu=舒 shu,zhu=属术 \
    shua=刷唰耍 shuai=帅摔甩蟀 shuai,cui=衰 shuan=拴栓涮闩 shuang=双塽孀爽礵艭霜骦鹴 shui=帨水氵睡税 shun=吮揗楯瞬舜蕣顺 shuo=妁搠朔槊欶烁矟硕箾蒴铄 shuo,shui=说 \
    si=4〤㟃丝偲儩兕厮司咝嗣嘶四姒寺巳思撕斯柶死汜泗涘澌祀禠私笥纟缌罳耜肆虒蛳覗锶飔饲驷鸶 si,qi=俟 si/ci=伺 si/shi=似 song=㧐凇娀宋嵩怂悚松淞濍竦耸菘蜙诵送颂𩠌𪨊 song,xuan=讼 \
    song,zhong=忪 sou=䉤叟嗖嗽嗾廀捜搜擞溲獀瞍艘薮螋鄋锼飕馊 sou,xiao=𫍲 su=俗僳嗉塑夙愫榡樎樕橚涑溯玊稣窣簌粛粟素肃膆苏蔌觫诉谡速遫酥骕鱐鹔𫗧 su/xiu=宿 suan=匴狻筭算蒜酸 \
    suan,zhuan=篹 sui=䍁䯝夊岁檖歳浽濉瀡燧璲眭睟睢碎祟穂穗穟繐绥芕荽虽襚谇賥遂邃隋随隧雟髓𬭼 sun=孙损搎榫狲笋簨荪隼飧 suo=傞唆唢嗍嗦娑所桫梭琐璅睃索缩羧蓑蹜鎍锁鮻 suo,sa=挲 \
    ta=他嚃塌塔她它挞榻毾溻牠獭祂禢褟譶趿踏蹋遝遢錔鎉铊闼阘鳎𨱏 ta,da=沓 tai=儓台太态抬斄汰泰炱肽胎苔薹跆邰酞钛骀鲐 tai,dai=呔 tai,shi=忕 \
    tan=倓叹嗿坍坛坦忐怹惔探摊昙榃檀毯滩潭炭璮痰瘫碳禫菼袒谈谭贉贪郯醓醰钽锬餤黮 tan,qin=覃 tan,xin=镡 tang=傥唐嘡堂塘帑搪棠淌溏烫煻瑭篖糖羰膛螗螳赯趟踼蹚躺醣镋镗 tang,chang=倘 \
    tang,shang=汤 tao=匋啕套弢慆掏桃梼洮涛淘滔縚绹萄讨逃醄陶韬饕 tao,di=绦 te=忑慝特犆铽 te,tei=忒 teng=滕熥疼縢腾藤螣誊邆鼟 \
    ti=t䴘体倜剃剔厗啼嚏媞屉悌悐惕揥替梯洟涕禔稊籊绨缇踢蹄逖醍锑题鳀鶗鹈𣨼𫘨 ti,di=提 ti,yi=荑 ti,yue=趯 ti,zhi=擿 tian=㥏填天屇忝恬晪殄沺淟添湉甜田畋畑窴腆舔菾觍阗餂黇鿬 \
    tian,zhen=瑱 tiao=䩦佻岧恌挑朓条眺祧窕笤粜聎蜩覜誂趒跳迢髫鲦龆 tiao,shao=苕 tiao,tou=斢 tie=帖怗萜贴餮驖 tie,zhi=铁 tie/zhan,che=呫 \
    ting=亭侹停厅圢婷庁庭廷挺朾桯梃楟汀渟烃烶珽筳綎聴脡艇莛葶蜓蝏霆颋 ting,ding=铤 ting,yin=听 tong=佟同哃嗵峂彤恸捅曈朣桐桶潼烔痌痛瞳砼穜童筒统罿茼蓪通酮铜餇鲖 tong,zhuang=僮獞 \
    tou=亠偷头妵媮投牏透钭骰黈 tu=㻬兔凸吐図图土堍屠峹嵞徒涂痜瘏秃稌突腯荼菟葖途酴钍鵵 tuan=剸团団圕彖慱抟湍漙煓畽疃 tui=推煺腿蓷蜕蹪退颓駾魋 tui/tun=褪 tun=吞啍旽暾氽涒焞臀芚豚軘饨鲀黗 \
    tun,dun=囤 tun/zhun=屯 tuo=佗侂唾坨妥庹托拖撱柁柝椭橐沰沱砣箨紽脱萚詑跅跎酡陀饦馲駄驒驼魠鸵鼍𬶍 tuo,duo=驮 tuo,zhe=乇 tuo/ta=拓 wa=佤哇娃娲挖搲洼溛瓦穵窊腽蛙袜邷 \
    wai=㖞外歪 wai,wei=崴 wan=丸刓剜卍卐塆婉完弯惋抏挽捥晚汍湾烷玩琬畹皖碗纨绾脘腕芄蜿豌踠顽 wan,mo=万 wan,yu=菀 wan,yuan=宛 wang=亡妄尢尩往忘惘旺望枉汪王网罒罓罔蝄辋迋魍 \
    wei=䓕为伟伪位偎卫危味唯喂囗囲围壝委威娓媁寪峞嵬巍帏帷微徻惟慰揻未桅椳洧涠渨渭溦溾潍炜烓煟煨犩猥猬玮畏痏痿磈纬维罻胃艉苇萎葳薇薉蝛衞褽讆诿谓躗违逶鄬鍏闱隈霨韡韦韪骫 wei=魏鲔鳚𣲗𬀩𬱟𬶏 wei,kui=隗 \
    wei,men=亹 wei,xu=圩 wei,yi=尾 wei,yu=蔚 wei/ai=硙 wei/yu=尉 wen=刎吻呡塭妏抆揾文榅汶温炆璺瘟稳穏紊纹蚊豱輼辒閺问闻阌雯鰛鳁 wen,min=玟 \
    weng=嗡塕奣嵡暡滃瓮瞈翁蓊蕹螉鹟齆𬭩 wo=倭偓卧婐幄我握斡沃涴渥瓁硪窝肟莴蜗踒龌 wo,zhua=挝 wo/guo=涡 \
    wu=5〥乌五仵伍侮俉倵兀务勿午卼吴吾呉呜唔啎圬坞妩婺寤屋屼峿巫庑忤怃悟悮戊扤捂晤杇杌梧武毋污沕洿浯焐物牾珷甒痦碔祦舞芜蘁蜈诬误迕遻邬郚鋈鋘钨铻阢雾靰骛鹀鹉鹜麌鼯𣲘 wu,mo=无 \
    xi=㣟㶉䤈习傒僖兮凞匸卌吸呬唏喜喺嘻噏嚱夕奚媳嬉屃屖屣巇希席徙徯怸恓息悉悕惜戏扱昔晞晰晳曦析枲槢樨檄欷氥汐浠淅渓溪潝潟烯焟煕熄熙熹燨爔牺犀犠玺瘜皙盻睎矽硒磎禊禧稀穸 \
    xi=窸簁粞緆縰细绤羲翕肸膝舄舾菥葸蓰蕮虩蜥螅蟋蟢蠵衋袭西觋觽觿謑豨赩蹝躧郤鄎酅鉨鎴鑴锡闟阋隙隰霫饩鳛鵗鼷𠩺𨰿𬭳 xi,gui=巂 xi,ji=系 xi,qi=蹊 xi,ti=裼 xi,xian=洗铣 xi,xie=滊 \
    xia=下侠匣夏峡暇柙狎狭瑕瞎硖碬祫罅蕸辖遐鎋霞騢黠 xia,ha=虾 xia,ya=煆 xia/he=吓 \
    xian=仙佡僩先冼县咸姺娴嫌孅宪岘崄幰弦忺憪憸挦掀撊显暹杴氙涎燹狝猃献现痫癎県祆筅籼繊线羡腺臽舷苋藓蚬蚿衔豏贤跣跹轞酰铦锨限陥险陷険霰韅韱顕馅鲜鹇𪾢𫍯𬀪 xian,jian=闲 xian,xuan=伭 \
    xian/qian=纤 xiang=乡享像厢向响巷庠忀想晑橡欀湘珦瓖相祥箱缃翔膷芗葙蚃蟓襄详象郷鄕镶项飨饷香骧鲞𬙋 xiao=㴋呺哓哮啸嘐嚣孝宵小崤恔效晓暁枭枵櫹歊洨消淆潇烋猇獢痚硝笑筱箫篠绡肖萧薢虓蟏逍销霄骁髇魈鸮 \
    xiao/jiao=校 xie=㐖㙦㶸些亵偕偰写勰协卨卸媟屑屧嶰廨懈揳携撷斜械楔榭歇泄泻渫澥瀣灺熁燮獬疶祄緤绁缬胁薤蝎蟹褉襭谐谢躞躠邂邪鞋駴骱龤 xie,jia=挟 xie,jie=絜 \
    xin=䜣伈信囟心忄忻新昕欣歆炘焮舋芯薪衅辛鑫锌馨𫷷 xing=侀兴刑型姓婞幸形性悻惺擤星杏涬煋猩硎腥臖荇莕蛵邢醒钘铏陉饧骍 xing,ying=荥 xing/hang,heng=行 xiong=兄凶匈恟敻汹熊胸诇雄 \
    xiong,qiong=芎 xiu=休修咻嗅岫庥朽溴滫珛琇秀糔绣羞脩茠袖褎貅锈馐髹鸺 xu=侐冔勖叙呴喣嘘垿墟姁婿媭嬬序徐恤慉旭旴昫栩欨歔殈洫湑溆煦珝盱糈絮続縃绪续胥芧蓄蓿藇藚虚蝑裇訹许诩谞鄦酗醑鑐需须顼魆魖鱮𦈡𬣙 \
    xu,chua=欻 xu,qu=戌 xu/yu=吁 xuan=㻽儇咺喧嫙宣悬愃揎旋昡晅暄暶楦泫渲漩炫烜玄玹琁瑄璇癣眩眴禤箮绚翾萱蓒蔙蠉衒轩选鍹铉鞙駽𫍽𬸣 xue=乴学峃穴茓薛觷谑趐雪靴鳕鸴 xue,chi=踅 \
    xue,xie=血 xue/xiao=削 xun=㖊侚偱勋卂噀埙寻峋巡巽徇循恂旬曛栒橁殉汛洵浔潠灥焄熏獯珣臐荀蕈薫蟳训讯询迅迿逊郇醺驯鲟𫄸𬊈𬘓𬩽 xx=ˋ々〻ㄅㄤㄧ㍻㍼㍽㍾丆乊乤乥乧乫乷乺乼亪仒働匁厼壭峠朩朰瓧畓罖込鎹龶 \
    ya=丫乚亚亜伢压厓呀哑圧垭堐娅岈崖押挜揠桠氩涯牙琊痖睚砑芽蚜衙襾讶迓铔雅鸦鸭齾 ya/zha,ga=轧 \
    yan=䶮严俨偃傿兖匽厌厣厳唁啱喭噞堰塩奄妍姸嫣嬿宴岩崦巌巚延弇彦恹戭扊掩揅揜晏棪檐沇沿淊淹渰滟演漹炎焉焰燕爓珚琰甗盐眼研砚碞筵篶罨胭艳莚蜒蝘衍觃言讠谚谳赝郔郾鄢酽闫阉 yan=阎隒雁颜餍馣験验魇鰋鴳鷃麣黡鼹𫄧 \
    yan,a=腌 yan,jian=鳽 yan,yin=湮 yan,yu=烟 yan/ye=咽 yang=仰佯养坱垟央徉怏恙扬旸杨样様殃氧泱洋漾瀁炀炴烊疡痒秧羊胦蛘鉠钖阳鞅飏鸯 \
    yao=䍃傜吆咬喓垚夭妖姚婹尧尭峣崾徭愮揺摇曜杳滧爻猺珧瑶眑祅窅窈窑窔耀肴腰舀药葽薬要谣轺遥邀邎靿飖騕鳐鷕鹞 yao,diao=铫 yao,yue=钥 yao,zhuo=蓔 \
    ye=业也倻冶吔嘢噎夜嶪抴掖揶晔曳椰殗液漜烨煠爷耶腋蠮谒邺野鍱铘靥馌鵺𢬍 ye,xie=叶页 \
    yi=〡㑊一乂义亄亦亿以仪伊佾侇依倚偯劓劮勚匜医呓咦咿唈噫圛圯埶埸壱壹夷奕姨嫕宜宧屹峄峓嶷已帟廙异弈弋弌彝役忆怡怿恞悒意懿扆抑挹揖攺斁旖易暆曀杙杝枻柂栘桋椅椸檍欹殪殹 \
    yi=毅沂泆洢浥溢漪熠熤燚燡猗瑿瓵疑疫痍瘗癔益眙矣祎移簃繄绎缢羿翊翌翳翼肄胰臆舣艗艺苡蓺薏藙蚁蛜蛡蜴螘螠衣衤袲裔裛襼觺訑訳譩议译诒诣谊豷貤贻轙轶迤迻逸遗邑酏醳钇铱镒镱 yi=颐饐饴駅驿鳦鶂鷾鹝鹢鹥黓黟𫖮𬟁𬺈 yi,die=佚 \
    yi,gua=刈 yi,shi=1 yi,zhe=乙 yin=㐆㥯䲟印吟吲喑嚚因垔垠堙夤姻婬寅尹崟廴引愔慭檃櫽殥氤淫溵狺瘖瘾磤禋筃胤茚茵荫蚓螾裀訚鄞铟银阴隐隠霪靷音饮骃𬘡𬙂𬮱 yin,ken=龈 yin,xun=窨 \
    yin,yan=洇 yin/yan=殷 ying=営嘤婴媖媵嫈嬴应影応撄映朠桜楹樱渶溁滢潆濙瀛煐瑛璎甇瘿盈矨硬籝缨罂罃膺英茔荧莹莺萤营萦蓥蛍蝇謍賏赢迎郢锳霙韺颍颖鹦鹰 ying,hong=𫶕 yo=哟唷 \
    yong=佣俑勇咏喁嗈埇墉壅庸廱恿悀慵拥栐永泳灉用痈禜臃蛹踊邕鄘醟镛雍颙饔鰫鳙 yong,tong=甬 yong/chong=涌 \
    you=优佑侑卣又友右呦囿宥尤幼幽忧悠攸斿有柚楢槱櫌油泑游牖犹猷由疣祐羑耰莜莠莸蚰蚴蝣訧诱迶逌邮鄾酉釉铀铕鱿鲉鴢麀黝鼬𬨎 you,yao/zhou=繇 you,yin=冘 \
    yu=与予伛余俣唹喩喻噳圄圉域堉妤妪娯娱宇寓寙屿峪崳嵎嵛庾彧御悆愈愉愚揄敔斔旟昱杅棜棫楀楰榆欤欲歈毓浴淢淤淯渔渝滪灪煜燏燠狱狳獝玉玗玙瑀瑜瘀瘉瘐盂矞礜禹窬窳竽箊緎繘纡 \
    yu=罭羭羽聿育腴臾舁舆艅芋萮萸蓣蕍薁虞蜮蝓裕褕觎誉语谀谕豫迂逾遇遹邘郁鄅釪鋊钰阈隃隅隩雨雩预饇饫馀驈驭鬻魊魣鰅鱼鴥鸒鹆鹬黦齵龉𠈌𥫣𦈕 yu,ou=禺 yu,shu=俞 yu,wu=于 \
    yuan=元円冤原员园圆垣塬夗媛嫄怨惌愿掾援棩橼沅渊湲源爰猭猿瑗眢笎箢縁缘羱肙苑蚖蜎蝝螈袁辕远邧院鸢鸳鹓鼋𫘪 yuan/yan=芫 yue=刖岳悦抈曰曱月樾瀹爚狘玥矱礿禴籥粤越跃钺阅龠𫐄𬸚 yue,yao=约 \
    yun=云允匀奫妘孕恽愠昀晕枟殒氲沄涢澐狁畇筠筼纭缊耘蕰蕴赟运郓郧酝鋆陨霣韫韵𤈶 yun,yi=芸 yun,yu=熨 za=匝咂杂砸臜雑 za/zha,ze=咋 zai=傤再哉在宰崽栽灾甾縡载 zai/zi=仔 \
    zan=儹寁昝暂欑灒瓒簪糌赞趱酂錾 zan,za=咱拶 zang=牂脏臓臧葬赃驵 zang,zhuang=奘 zang/cang=藏 zao=傮凿唣噪慥早枣梍澡灶煰燥璪皂簉糟艁藻蚤趮躁造遭 \
    ze=仄则啧崱帻択昃沢泽矠笮箦舴责赜迮齚 ze/zhai=择 zei=贼鲗 zen=怎谮 zeng=増增憎橧甑矰缯罾赠鄫锃 zeng/ceng=曾 zha=䃎乍吒哳拃挓揸札柤榨渣溠炸甴痄眨砟苲蚱蚻诈醡铡闸霅齇 \
    zha,cha=楂馇 zha,zuo=柞 zha/shan=栅 zha/za=扎 zhai=债宅寨摘斋斎瘵窄 zhai/di=翟 zhan=偡占展战戦搌斩旃栈栴桟椫毡沾湛琖盏瞻站绽蘸虥襢詹谵轏辗邅醆飐驙鹯𧮪𫗴 \
    zhan,chan=崭 zhang=丈仉仗嫜嶂帐幛张彰掌暲杖樟涨漳獐璋瘴瞕章粀粻胀蟑账鄣障鱆 zhao=兆啅垗找招旐昭曌沼炤照爫皽笊罩肇诏赵钊駋鵫𬬿 zhao,zhou=啁 zhao,zhuo=棹 zhao/shao=召 \
    zhao/zhua=爪 zhe=䗪哲啫嗻嫬悊晢柘浙磔者蔗蛰蜇蟅詟谪赭辄辙遮锗鮿鹧 zhe,she=折 zhe,shi=螫 zhe,xi=褶 zhe,zhei=这 zhe/zhuo/zhao/zhu=着 \
    zhen=侦圳帧弫抌振揕斟昣朕枕桢桭榛浈溱獉珍瑧甄畛疹眕真眹砧祯禛稹箴紾缜胗臻葴蓁薽袗诊贞赈轸鉆鎭针镇阵震駗鬒鱵鷏鸩黕黰 zheng=争峥徴怔拯挣掟政整正烝狰症睁筝篜蒸证诤郑钲铮 zheng,zhi=征 \
    zhi=之侄值偫制卮厎厔只咫址埴夂寘帙帜庤廌彘志忮恉懥懫戠执指挚掷搘摭支旨智枝枳柣栀栉桎植椥榰樴止汁沚治泜滍滞炙猘畤疐痔痣直知祉祗秩秷稙稚窒絷纸织置职肢胑胝脂膣至致芝芷 \
    zhi=蘵蛭蜘袟觯豸质贽趾跖跱踬踯轵轾迣郅酯鋕铚锧陟雉騺骘鳷鸷黹 zhi,shi=峙殖 zhi/zi=吱 zhong=中乑仲伀众冢尰彸忠柊汷狆盅种终肿茽蚛螽衷踵钟 zhong/chong=重 \
    zhou=㑇㤘侜周咒咮喌妯婤宙州帚怞昼洲甃皱盩碡籀纣绉肘胄舟荮诌诪赒轴辀酎騆骤 zhou,yu=粥 \
    zhu=⺮㝉丶主伫住侏助嘱壴拄斸朱杼柱柷株槠橥注洙渚潴炷烛煮猪珠瘃瞩砫祝窋竹筑箸纻羜翥舳茱蓫蛀蛛蠋蠩诛诸贮跦躅逐邾鋳铢铸陼馵駯驻麈𬣞 zhu,du=竺 zhua=抓髽 zhuai=跩 zhuai/ye=拽 \
    zhuan=䌸䏝专僎啭孨専撰瑑砖篆転颛馔鱄 zhuan,zhuai=转 zhuan,zuan=赚 zhuang=壮妆庄撞桩状荘装 zhui=坠惴甀硾缒膇赘锥隹餟骓鵻 zhui,chui=椎 zhui,chuo=缀 \
    zhui,dui=追 zhun=准窀肫谆迍 zhuo=䅵䓬丵倬卓叕啄圴彴拙捉擢斫斮晫桌棁棳椓汋浊浞涿灼禚篧茁蠗诼酌镯𬸦 zhuo,di=蝃 zhuo,zhao=濯 zhuo,zuo=琢 \
    zi=剚呰咨姿子孖字孜孳嵫恣扻梓淄渍滋滓澬牸玆眦矷秭笫籽粢紫缁耔胏胔胾自菑虸訾谘赀资趑趦辎鄑锱镃髭鰦鲻鼒龇 zi,ci=兹 zi,zui=觜 zong=䗥偬宗总摠棕猣疭粽総纵翪腙豵踪鬃鬷 zong,zeng=综 \
    zou=奏掫揍棸緅菆诹走邹郰鄹陬驺鲰黀齱 zu=俎卆哫族珇祖租组菹诅镞阻 zu,ju=足 zu/cu=卒 zuan=揝攥籫纂缵躜钻 zui=厜嘴晬最槜樶檇罪蕞酔醉 zun=僔噂墫壿尊嶟捘撙樽遵鳟𨱔 \
    zuo=佐作做咗唑坐岝岞左座怍捽昨椊祚筰胙葄阼
    """
